//! Faults on request, and the requests that the server remembers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use portal_testkit::stripe::{Account, CLOVER, Fault, Resource};

use crate::stripe::client::{Client, KEY, NOW};

#[test]
fn faults_strike_the_next_requests_one_by_one() {
    let client = Client::of(Account::live(CLOVER));
    client.server.next([
        Fault::None,
        Fault::Failing { should_retry: Some(true) },
        Fault::Failing { should_retry: None },
        Fault::Conflict,
        Fault::Slow(Duration::from_millis(50)),
    ]);
    assert_eq!(client.get("/v1/events").status, 200);
    let answer = client.get("/v1/events");
    assert_eq!(
        (answer.status, &answer.headers["stripe-should-retry"]),
        (500, &"true".parse().unwrap())
    );
    let answer = client.get("/v1/events");
    assert_eq!((answer.status, answer.headers.contains_key("stripe-should-retry")), (500, false));
    assert_eq!(client.get("/v1/events").status, 409);
    assert_eq!(client.get("/v1/events").status, 200);
    assert_eq!(client.server.counts()["/v1/events"], 5);
}

#[test]
fn a_request_may_get_no_answer() {
    let client = Client::of(Account::live(CLOVER));
    client.server.next([Fault::Drop, Fault::Hang]);
    assert!(client.gets_no_answer("/v1/events"));
    assert!(client.gets_no_answer("/v1/events"));
    assert_eq!(client.get("/v1/events").status, 200);
    // If the request that still hangs did not end with the server, this test would not end.
}

#[test]
fn one_place_may_hang_until_it_is_over() {
    let client = Client::of(Account::live(CLOVER));
    client.server.always(Resource::Invoices, Fault::Hang);
    assert!(client.gets_no_answer("/v1/invoices"));
    assert_eq!(client.get("/v1/events").status, 200);
    client.server.always(Resource::Invoices, Fault::None);
    assert_eq!(client.get("/v1/invoices").status, 200);
}

#[test]
fn requests_are_remembered_and_the_key_is_not() {
    let client = Client::of(Account::live(CLOVER));
    let key = format!("Bearer {KEY}");
    let headers =
        [("Authorization", key.as_str()), ("Stripe-Version", CLOVER), ("Stripe-Context", "acct_1")];
    client.ask("/v1/events?types%5B0%5D=a.b&limit=3", &headers);
    let asked = client.server.requests().pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/v1/events"));
    let query = [("types[]", "a.b"), ("limit", "3")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(asked.query, query);
    assert!(asked.authorized);
    assert_eq!(asked.version.as_deref(), Some(CLOVER));
    assert_eq!(asked.context.as_deref(), Some("acct_1"));
    assert!(!format!("{asked:?}").contains(KEY));
}

#[test]
fn the_date_is_the_clock_s() {
    let client = Client::of(Account::live(CLOVER));
    assert_eq!(client.get("/v1/events").headers["date"], "Mon, 21 Sep 2026 14:13:20 GMT");
    client.clock.store(NOW + 301, Ordering::SeqCst);
    assert_eq!(client.get("/v1/events").headers["date"], "Mon, 21 Sep 2026 14:18:21 GMT");
}
