//! Objects and events in the expected version.

use std::sync::atomic::Ordering;

use portal_testkit::stripe::{ACACIA, Account, CLOVER, Delivery, Payload};
use serde_json::Value;

use crate::stripe::client::{Client, NOW};

pub(crate) fn parsed(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

#[test]
fn a_payment_names_its_invoice_before_basil_only() {
    let mut account = Account::live(CLOVER);
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    let client = Client::of(account);
    let path = format!("/v1/payment_intents/{}", renewal.payment_intent);
    let old = client.get_in(ACACIA, &path);
    assert_eq!(old["invoice"], renewal.invoice.as_str());
    let new = client.get_in("2025-03-31.basil", &path);
    assert_eq!(new.get("invoice"), None);
    assert_eq!(new.get("payment_details"), None);
    let hinting = client.get_in("2025-10-29.clover", &path);
    assert_eq!(hinting["payment_details"]["order_reference"], renewal.invoice.as_str());
    client.server.account().hints = false;
    let silent = client.get_in("2025-10-29.clover", &path);
    assert_eq!(silent["payment_details"]["order_reference"], Value::Null);
}

#[test]
fn an_invoice_names_its_payment_before_basil_only() {
    let mut account = Account::live(CLOVER);
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    let cash = account.out_of_band(NOW, 1000, "jpy");
    let client = Client::of(account);
    let path = format!("/v1/invoices/{}", renewal.invoice);
    let old = client.get_in(ACACIA, &path);
    assert_eq!(old["payment_intent"], renewal.payment_intent.as_str());
    assert_eq!(old["subscription"], renewal.subscription.as_str());
    let new = client.get_in(CLOVER, &path);
    assert_eq!(new.get("payment_intent"), None);
    assert_eq!(
        new["parent"]["subscription_details"]["subscription"],
        renewal.subscription.as_str()
    );
    let paid = |version| {
        let cash = client.get_in(version, &format!("/v1/invoices/{cash}"));
        (cash["amount_paid"].clone(), cash.get("paid_out_of_band").cloned())
    };
    assert_eq!(paid(ACACIA), (Value::from(0), Some(Value::from(true))));
    assert_eq!(paid(CLOVER), (Value::from(1000), None));
}

#[test]
fn an_event_is_shown_in_the_version_it_was_made_in() {
    let mut account = Account::live(ACACIA);
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    let event = account.event("payment_intent.succeeded", &renewal.payment_intent);
    let path = format!("/v1/events/{}", event.unwrap().id);
    account.api_version = CLOVER;
    let client = Client::of(account);
    let event = client.get_in(CLOVER, &path);
    assert_eq!(event["api_version"], ACACIA);
    assert_eq!(event["data"]["object"]["invoice"], renewal.invoice.as_str());
    let account = client.server.account();
    let delivered = account.deliveries(Payload::Snapshot(CLOVER));
    let delivered = delivered.map(|it| parsed(&it)).find(|it| it["id"] == event["id"]).unwrap();
    assert_eq!(delivered["api_version"], CLOVER);
    assert_eq!(delivered["data"]["object"].get("invoice"), None);
}

#[test]
fn an_invoice_counts_the_tries_to_collect_it() {
    let mut account = Account::live(CLOVER);
    let invoice = account.failed_renewal(NOW, Some(NOW + 10), 1000, "jpy").invoice;
    let client = Client::of(account);
    let now = || {
        let it = client.get(&format!("/v1/invoices/{invoice}")).body;
        ["status", "attempt_count", "attempted", "amount_paid"].map(|name| it[name].to_string())
    };
    assert_eq!(now(), ["\"open\"", "1", "true", "0"]);
    client.clock.fetch_add(10, Ordering::SeqCst);
    assert_eq!(now(), ["\"paid\"", "2", "true", "1000"]);
}

#[test]
fn a_charge_has_the_sum_of_its_refunds() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 10, 1000, "jpy");
    account.refund(&payment, NOW - 5, 300);
    account.refund(&payment, NOW, 700);
    let told: Vec<_> = account
        .deliveries(Payload::Snapshot(CLOVER))
        .filter(|it| it.event_type == "charge.refunded")
        .map(|it| parsed(&it)["data"]["object"].clone())
        .map(|it| (it["amount_refunded"].as_i64(), it["refunded"].as_bool()))
        .collect();
    assert_eq!(told, [(Some(300), Some(false)), (Some(1000), Some(true))]);
}

#[test]
fn the_charge_of_a_payment_comes_whole_when_it_is_asked_for() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 10, 1000, "jpy");
    account.refund(&payment, NOW, 300);
    let client = Client::of(account);
    let one = client.get(&format!("/v1/payment_intents/{payment}")).body;
    let charge = one["latest_charge"].as_str().unwrap().to_owned();
    let one = client.get(&format!("/v1/payment_intents/{payment}?expand[]=latest_charge")).body;
    assert_eq!(one["latest_charge"]["id"], charge.as_str());
    let all = client.get("/v1/payment_intents?expand[]=data.latest_charge").body;
    assert_eq!(all["data"][0]["latest_charge"]["amount_refunded"], 300);
    assert_eq!(all["data"][0]["latest_charge"], client.get(&format!("/v1/charges/{charge}")).body);
}
