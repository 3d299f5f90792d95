//! The content of lists over time.

use std::sync::atomic::Ordering;

use portal_testkit::stripe::{Account, CLOVER};

use crate::stripe::client::{Client, NOW};

const DAY: i64 = 86_400;

/// Returns an account with seven donations, of which two and two are of the same second: 28 events.
pub(crate) fn some_gifts() -> Account {
    let mut account = Account::live(CLOVER);
    for n in 0..7 {
        account.one_time(NOW - 1000 + n / 2 * 7, 1000, "jpy");
    }
    account
}

pub(crate) fn newest_first(account: &Account) -> Vec<String> {
    account.events().rev().map(|it| it.id.clone()).collect()
}

#[test]
fn the_time_of_creation_bounds_every_list() {
    let client = Client::of(some_gifts());
    let count = |target: &str| client.page(target).0.len();
    let at = NOW - 1000;
    // Two donations have three events each in the second of their payment.
    for (bounds, due) in [
        (format!("created={at}"), 6),
        (format!("created[gte]={at}&created[lte]={at}"), 6),
        (format!("created[gt]={at}&created[lt]={}", at + 7), 0),
        (format!("created%5Bgte%5D={at}&created%5Blt%5D={}", at + 8), 12),
        (format!("created[gt]={NOW}"), 0),
        (format!("created[gt]={NOW}&created[lt]={at}"), 0),
    ] {
        assert_eq!(count(&format!("/v1/events?limit=100&{bounds}")), due, "{bounds}");
    }
    assert_eq!(count(&format!("/v1/payment_intents?created[lt]={at}")), 7);
    assert_eq!(count(&format!("/v1/payment_intents?created[gte]={at}")), 0);
}

#[test]
fn events_can_be_had_by_one_type_by_a_pattern_or_by_twenty_types() {
    let client = Client::of(some_gifts());
    let count = |only: &str| client.page(&format!("/v1/events?limit=100&{only}")).0.len();
    assert_eq!(count("type=charge.succeeded"), 7);
    assert_eq!(count("type=payment_intent.*"), 14);
    assert_eq!(count("types[]=charge.succeeded&types[1]=checkout.session.completed"), 14);
    assert_eq!(count("types[]=invoice.paid"), 0);
    assert_eq!(count("delivery_success=false"), 28);
    let (ids, more) = client.page("/v1/events?limit=3&type=charge.succeeded");
    assert_eq!((ids.len(), more), (3, true));
    let all = "&types[]=a".repeat(20);
    assert_eq!(count(&all[1..]), 0);
}

#[test]
fn an_event_may_show_late_in_a_second_that_was_read_already() {
    let mut account = some_gifts();
    let late = newest_first(&account)[1].clone();
    account.visible_from(&late, NOW + 60);
    let client = Client::of(account);
    let (before, _) = client.page("/v1/events?limit=100");
    assert!(!before.contains(&late));
    assert_eq!(client.get(&format!("/v1/events/{late}")).status, 404);
    client.clock.store(NOW + 60, Ordering::SeqCst);
    let (after, _) = client.page("/v1/events?limit=100");
    assert_eq!(after[1], late, "it stands where it would have stood");
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(client.get(&format!("/v1/events/{late}")).status, 200);
}

#[test]
fn an_event_that_was_never_made_is_nowhere_and_its_object_is_there() {
    let mut account = some_gifts();
    let event = account.events().find(|it| it.event_type == "payment_intent.succeeded").unwrap();
    let (event, thin, payment) = (event.id.clone(), event.thin_id(), event.object.clone());
    account.never_made(&event);
    let client = Client::of(account);
    assert_eq!(client.page("/v1/events?limit=100").0.len(), 27);
    assert_eq!(client.get(&format!("/v1/events/{event}")).status, 404);
    assert_eq!(client.get(&format!("/v2/core/events/{thin}")).status, 404);
    let payment = client.get(&format!("/v1/payment_intents/{payment}")).body;
    assert_eq!(payment["status"], "succeeded");
}

#[test]
fn after_thirty_days_an_event_is_gone_and_its_object_is_not() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 30 * DAY, 1000, "jpy");
    let event = account.event("charge.succeeded", account.events().nth(1).unwrap().object.as_str());
    let (event, thin) = (event.unwrap().id.clone(), event.unwrap().thin_id());
    let client = Client::of(account);
    let statuses = || {
        let paths = [format!("/v1/events/{event}"), format!("/v2/core/events/{thin}")];
        paths.map(|it| client.get(&it).status)
    };
    assert_eq!(client.page("/v1/events").0.len(), 3);
    assert_eq!(statuses(), [200, 200]);
    client.clock.store(NOW + 1, Ordering::SeqCst);
    assert_eq!(client.page("/v1/events").0.len(), 0);
    assert_eq!(statuses(), [404, 404]);
    assert_eq!(client.page("/v1/payment_intents").0, [payment]);
}

#[test]
fn nothing_shows_before_its_time() {
    let mut account = Account::live(CLOVER);
    let payment = account.konbini(NOW, Some(NOW + DAY), 1000);
    let client = Client::of(account);
    let status = || client.get(&format!("/v1/payment_intents/{payment}")).body["status"].clone();
    assert_eq!(status(), "requires_action");
    assert_eq!(client.page("/v1/events?type=payment_intent.succeeded").0.len(), 0);
    client.clock.store(NOW + DAY, Ordering::SeqCst);
    assert_eq!(status(), "succeeded");
    assert_eq!(client.page("/v1/events?type=payment_intent.succeeded").0.len(), 1);
}

#[test]
fn the_invoice_of_a_payment_can_be_looked_up() {
    let mut account = Account::live(CLOVER);
    let once = account.one_time(NOW, 1000, "jpy");
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    account.subscription_payment(NOW, 1000, "jpy");
    let client = Client::of(account);
    let of = |payment: &str| {
        let by = "payment[type]=payment_intent&payment[payment_intent]";
        client.get(&format!("/v1/invoice_payments?{by}={payment}")).body["data"].clone()
    };
    assert_eq!(of(&once), serde_json::json!([]));
    assert_eq!(of(&renewal.payment_intent)[0]["invoice"], renewal.invoice.as_str());
    assert_eq!(of(&renewal.payment_intent).as_array().unwrap().len(), 1);
    assert_eq!(client.page(&format!("/v1/invoice_payments?created[gte]={NOW}")).0.len(), 2);
}
