//! Requests that Stripe refuses.

use portal_testkit::stripe::{Account, CLOVER, Endpoint, Fault, Resource};
use serde_json::Value;

use crate::stripe::client::{Client, KEY, NOW};

fn client() -> Client {
    let mut account = Account::live(CLOVER);
    account.one_time(NOW, 1000, "jpy");
    Client::of(account)
}

fn error(body: &Value, field: &str) -> String {
    body["error"][field].as_str().unwrap_or_default().to_owned()
}

fn sample(name: &str) -> Value {
    let path = format!("{}/../../samples/events/api/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn another_key_is_refused() {
    let client = client();
    for headers in [&[][..], &[("Authorization", "Bearer sk_test_other")]] {
        let answer = client.ask("/v1/events", headers);
        assert_eq!(answer.status, 401);
        assert_eq!(error(&answer.body, "type"), "invalid_request_error");
    }
    assert!(client.server.requests().iter().all(|it| !it.authorized));
}

#[test]
fn a_place_that_the_key_may_not_see_is_refused_as_in_the_sample() {
    let client = client();
    client.server.always(Resource::Events, Fault::NotAllowed);
    let answer = client.get("/v1/events");
    assert_eq!(answer.status, 403);
    let due = sample("error.403.missing_permission.json");
    let rest = |body: &Value| error(body, "message").split("does not").nth(1).unwrap().to_owned();
    assert_eq!(rest(&answer.body).replace("acct_1Standin", "acct_1Demo"), rest(&due));
    assert!(!answer.body.to_string().contains(KEY));
    assert_eq!(client.get("/v2/core/events/evt_1").status, 403);
    assert_eq!(client.get("/v1/invoices").status, 200, "only that place");
    assert_eq!(client.ask("/v1/events", &[]).status, 401, "the key comes first");
    client.server.always(Resource::Events, Fault::None);
    assert_eq!(client.get("/v1/events").status, 200);
}

#[test]
fn too_many_requests_are_refused_as_in_the_sample() {
    let client = client();
    client.server.next([Fault::RateLimited("endpoint-rate"), Fault::LockTimeout]);
    let answer = client.get("/v1/events");
    assert_eq!(answer.status, 429);
    assert_eq!(answer.body, sample("error.429.rate_limit.json"));
    assert_eq!(answer.headers["stripe-rate-limited-reason"], "endpoint-rate");
    let answer = client.get("/v1/events");
    assert_eq!((answer.status, error(&answer.body, "code").as_str()), (429, "lock_timeout"));
    assert!(!answer.headers.contains_key("stripe-rate-limited-reason"));
    assert_eq!(client.get("/v1/events").status, 200);
}

#[test]
fn a_missing_object_is_not_found() {
    let client = client();
    for path in [
        "/v1/events/evt_no",
        "/v2/core/events/evt_no",
        "/v1/payment_intents/pi_no",
        "/v1/invoices/in_no",
        "/v1/invoice_payments/inpay_no",
        "/v1/charges/ch_no",
        "/v1/refunds/re_no",
        "/v1/disputes/du_no",
        "/v1/checkout/sessions/cs_no",
        "/v1/subscriptions/sub_no",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(error(&answer.body, "code"), "resource_missing", "{path}");
    }
    assert_eq!(client.get("/v1/customers").status, 404);
}

#[test]
fn a_parameter_that_stripe_does_not_take_is_refused() {
    let client = client();
    let twenty_one = format!("types[]=a{}", "&types[]=a".repeat(20));
    for (target, code) in [
        ("/v1/events?page=2", "parameter_unknown"),
        ("/v1/payment_intents?delivery_success=false", "parameter_unknown"),
        ("/v1/events?limit=0", "parameter_invalid_integer"),
        ("/v1/events?limit=101", "parameter_invalid_integer"),
        ("/v1/events?created[gte]=today", "parameter_invalid_integer"),
        ("/v1/events?type=a&types[]=b", "parameter_invalid"),
        (&format!("/v1/events?{twenty_one}"), "parameter_invalid"),
        ("/v1/events?starting_after=evt_no", "resource_missing"),
        ("/v1/payment_intents?expand[]=data.customer", "parameter_invalid"),
        ("/v1/invoices?expand[]=data.latest_charge", "parameter_invalid"),
    ] {
        let answer = client.get(target);
        let refused = (answer.status, error(&answer.body, "code"));
        assert_eq!(refused, (400, code.to_owned()), "{target}");
    }
    assert!(client.get_in("today", "/v1/events")["error"].is_object());
}

#[test]
fn endpoints_are_listed_as_the_test_has_them() {
    let client = client();
    let endpoint = |id: &str| Endpoint {
        id: id.to_owned(),
        url: "https://donate.example.org/hooks/stripe".to_owned(),
        status: "disabled",
        enabled_events: vec!["*".to_owned()],
        api_version: None,
        livemode: true,
    };
    client.server.account().endpoints = ["we_3", "we_2", "we_1"].map(endpoint).to_vec();
    let page = client.get("/v1/webhook_endpoints?limit=2").body;
    let listed = sample("v1_webhook_endpoints_list.json");
    let names = |it: &Value| it["data"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&page), names(&listed));
    assert_eq!((&page["data"][0]["id"], &page["has_more"]), (&"we_3".into(), &true.into()));
    assert_eq!(page["data"][1]["status"], "disabled");
    let (rest, more) = client.page("/v1/webhook_endpoints?starting_after=we_2");
    assert_eq!((rest.as_slice(), more), (&["we_1".to_owned()][..], false));
}
