//! Stripe's answers, from the wire's client into the domain's types.

use portal_domain::event_types::MONEY_TYPES;
use portal_domain::stripe::List;
use portal_domain::stripe::page;
use portal_domain::{Facts, FactsKind, Fetched, Origin, PageCursor, Read, UnixSeconds};

use crate::stripe::scripted::{Scene, answer};
use crate::stripe::{event, object, read, window};

const EVENTS: &str = include_str!("../../../../../samples/events/api/v1_events_list.page1.json");
const INVOICE_PAYMENTS: &str =
    include_str!("../../../../../samples/events/api/v1_invoice_payments_list.json");
const ENDPOINTS: &str =
    include_str!("../../../../../samples/events/api/v1_webhook_endpoints_list.json");
const THIN: &str =
    include_str!("../../../../../samples/events/thin/api_response.v2_core_event.json");

fn fetched(question: &Read, body: &'static str) -> Fetched {
    let scene = Scene::new([answer(200, None, body)]);
    read(&scene.api, question).ok().unwrap()
}

#[test]
fn a_page_of_events_is_read_as_if_they_had_been_delivered() {
    let question =
        Read::Events { types: &MONEY_TYPES, window: window(), cursor: PageCursor::First };
    let now = UnixSeconds::new(1_795_359_000).unwrap();

    let page = page::events(&fetched(&question, EVENTS), now).ok().unwrap();

    assert_eq!((page.unreadable, page.has_more), (0, true));
    assert_eq!(page.first, Some(event("evt_1Tg1cOBeZZSMIK7M5cpkr7sP")));
    assert_eq!(page.last, Some(event("evt_3deWThlo3P8Fn3ufp2TfQRIv")));
    let types: Vec<_> = page.items.iter().map(|it| it.event_type.as_str()).collect();
    let expected = ["customer.subscription.deleted", "charge.dispute.created", "refund.failed"];
    assert_eq!(types, expected);
    let all = |fits: fn(&portal_domain::Event) -> bool| page.items.iter().all(fits);
    assert!(all(|it| it.origin == Origin::Reconciled));
    assert!(all(|it| it.facts.is_some()));
}

#[test]
fn a_page_of_invoice_payments_names_the_invoice() {
    let payment = "pi_3PsDXyrKfhJrj16yJmYZ1uQm";
    let listed =
        Read::Objects { list: List::InvoicePayments, window: window(), cursor: PageCursor::First };
    for question in [Read::InvoicePaymentsOf(object(payment)), listed] {
        let page = page::objects(&fetched(&question, INVOICE_PAYMENTS), FactsKind::InvoicePayment)
            .ok()
            .unwrap();

        assert_eq!((page.unreadable, page.has_more, page.items.len()), (0, false, 1));
        assert_eq!(page.first, Some(object("inpay_1FbF8dk325Th1FIA5JleWvpe")));
        assert!(matches!(page.items[0].facts, Facts::InvoicePayment(_)));
    }
}

#[test]
fn endpoints_are_read_with_their_state() {
    let endpoints = page::endpoints(&fetched(&Read::Endpoints, ENDPOINTS)).unwrap();

    let seen: Vec<_> = endpoints.iter().map(|it| (it.status.as_str(), it.url.as_str())).collect();
    let expected = [
        ("enabled", "https://donate.example.org/hooks/stripe"),
        ("disabled", "https://old.example.org/stripe"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_thin_event_names_its_object() {
    let question = Read::ThinEvent { id: event("evt_65V"), context: None };

    let thin = page::thin_event(&fetched(&question, THIN)).unwrap();

    assert_eq!(
        thin.object,
        Some((FactsKind::PaymentIntent, object("pi_3FuezC092bs8YG8f6jAdLSgQ")))
    );
    assert_eq!(thin.not_generated, None);
}
