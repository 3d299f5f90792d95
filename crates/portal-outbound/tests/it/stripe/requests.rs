use std::sync::Arc;
use std::time::Duration;

use portal_domain::event_types::MONEY_TYPES;
use portal_domain::stripe::List;
use portal_domain::{AccountPath, EventId, FactsKind, PageCursor, Read, ReadError};
use portal_outbound::{StripeApi, Url};

use crate::stripe::scripted::{Asked, Scene, Scripted, Still};
use crate::stripe::{KEY, event, key, object, read, window};

const CREATED: &str = "created%5Bgte%5D=1795355400&created%5Blt%5D=1795359000";

fn asked(question: &Read) -> Asked {
    let scene = Scene::new([]);
    assert_eq!(read(&scene.api, question).err(), None);
    let mut asked = scene.transport.asked();
    assert_eq!(asked.len(), 1);
    asked.remove(0)
}

/// Returns the path and the query of a read.
fn target(question: &Read) -> String {
    asked(question).url.strip_prefix("https://api.stripe.com").unwrap().to_owned()
}

fn events(types: &'static [&'static str], cursor: PageCursor<EventId>) -> Read {
    Read::Events { types, window: window(), cursor }
}

fn one(kind: FactsKind, id: &str, context: Option<&str>) -> Read {
    let context = context.and_then(AccountPath::new);
    Read::Object { kind, id: object(id), context }
}

#[test]
fn events_are_asked_for_by_time_type_and_page() {
    let all = format!("/v1/events?limit=100&{CREATED}");
    assert_eq!(target(&events(&[], PageCursor::First)), all);
    assert_eq!(
        target(&events(&[], PageCursor::After(event("evt_1")))),
        format!("{all}&starting_after=evt_1")
    );
    assert_eq!(
        target(&events(&["invoice.paid", "refund.failed"], PageCursor::Before(event("evt_1")))),
        format!("{all}&types%5B%5D=invoice.paid&types%5B%5D=refund.failed&ending_before=evt_1"),
    );
}

#[test]
fn all_money_types_go_into_one_request() {
    let target = target(&events(&MONEY_TYPES, PageCursor::First));
    assert_eq!(target.matches("types%5B%5D=").count(), MONEY_TYPES.len());
    assert!(target.contains("&types%5B%5D=charge.dispute.funds_reinstated"), "{target}");
}

#[test]
fn objects_are_asked_for_by_time_and_page() {
    let target = |list, cursor| target(&Read::Objects { list, window: window(), cursor });
    assert_eq!(
        target(List::PaymentIntents, PageCursor::First),
        format!("/v1/payment_intents?limit=100&expand%5B%5D=data.latest_charge&{CREATED}"),
    );
    assert_eq!(
        target(List::Invoices, PageCursor::After(object("in_1"))),
        format!("/v1/invoices?limit=100&{CREATED}&starting_after=in_1"),
    );
    assert_eq!(
        target(List::InvoicePayments, PageCursor::Before(object("inpay_1"))),
        format!("/v1/invoice_payments?limit=100&{CREATED}&ending_before=inpay_1"),
    );
    assert_eq!(
        target(List::Refunds, PageCursor::First),
        format!("/v1/refunds?limit=100&{CREATED}")
    );
    assert_eq!(
        target(List::Disputes, PageCursor::First),
        format!("/v1/disputes?limit=100&{CREATED}")
    );
}

#[test]
fn the_invoices_of_a_payment_are_asked_for_by_its_id() {
    assert_eq!(
        target(&Read::InvoicePaymentsOf(object("pi_1"))),
        "/v1/invoice_payments?limit=100&payment%5Btype%5D=payment_intent&payment%5Bpayment_intent%5D=pi_1",
    );
}

#[test]
fn each_kind_of_object_has_its_path() {
    for (kind, id, expected) in [
        (FactsKind::PaymentIntent, "pi_1", "/v1/payment_intents/pi_1?expand%5B%5D=latest_charge"),
        (FactsKind::Charge, "ch_1", "/v1/charges/ch_1"),
        (FactsKind::Invoice, "in_1", "/v1/invoices/in_1"),
        (FactsKind::InvoicePayment, "inpay_1", "/v1/invoice_payments/inpay_1"),
        (FactsKind::CheckoutSession, "cs_test_1", "/v1/checkout/sessions/cs_test_1"),
        (FactsKind::Refund, "re_1", "/v1/refunds/re_1"),
        (FactsKind::Dispute, "du_1", "/v1/disputes/du_1"),
        (FactsKind::Subscription, "sub_1", "/v1/subscriptions/sub_1"),
    ] {
        assert_eq!(target(&one(kind, id, None)), expected);
    }
}

#[test]
fn a_kind_without_objects_at_stripe_is_not_requested() {
    let scene = Scene::new([]);
    let none = one(FactsKind::NoInvoice, "pi_1", None);
    assert_eq!(read(&scene.api, &none).err(), Some(ReadError::NotFound));
    assert_eq!(scene.transport.asked(), []);
}

#[test]
fn thin_events_and_endpoints_have_their_paths() {
    let thin = Read::ThinEvent { id: event("evt_65V"), context: None };
    assert_eq!(target(&thin), "/v2/core/events/evt_65V");
    assert_eq!(target(&Read::Endpoints), "/v1/webhook_endpoints?limit=100");
}

#[test]
fn every_request_has_the_key_and_the_version() {
    let asked = asked(&Read::Endpoints);
    let headers = [
        ("Authorization", format!("Bearer {KEY}")),
        ("Stripe-Version", "2026-10-28.endive".to_owned()),
        ("Accept", "application/json".to_owned()),
    ];
    assert_eq!(asked.headers, headers.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(asked.deadline, Duration::from_secs(30));
    assert!(!asked.url.contains(KEY));
}

#[test]
fn objects_of_another_account_are_asked_for_in_its_context() {
    let path = "acct_1/acct_2";
    let thin = Read::ThinEvent { id: event("evt_1"), context: AccountPath::new(path) };
    for question in [one(FactsKind::Charge, "ch_1", Some(path)), thin] {
        let expected = ("Stripe-Context".to_owned(), path.to_owned());
        assert!(asked(&question).headers.contains(&expected));
    }
}

#[test]
fn a_slash_at_the_end_of_the_base_is_no_part_of_it() {
    for base in ["http://127.0.0.1:8420", "http://127.0.0.1:8420/", "http://127.0.0.1:8420/a/"] {
        let transport = Arc::new(Scripted::default());
        let url = Url::parse(base).unwrap();
        let api =
            StripeApi::new(&key(), &url, transport.clone(), Arc::new(Still::default()).host(0));
        assert_eq!(read(&api, &Read::Endpoints).err(), None);
        let expected = format!("{}/v1/webhook_endpoints?limit=100", base.trim_end_matches('/'));
        assert_eq!(transport.asked()[0].url, expected);
    }
}
