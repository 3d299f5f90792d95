//! Objects in the shape of the samples.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portal_testkit::stripe::{Account, CANARIES, CLOVER, Delivery, Payload, Release, Verdict};
use serde_json::Value;

use crate::stripe::client::{Client, NOW};
use crate::stripe::versions::parsed;

const DAY: i64 = 86_400;

/// Returns an account with every story, told a little before now.
fn every_story(version: &'static str) -> Account {
    let mut account = Account::live(version);
    let at = NOW - 1000;
    let payment = account.one_time(at, 1000, "jpy");
    account.one_time_without_session(at, 1000, "jpy");
    account.subscription_payment(at, 1000, "jpy");
    account.failed_renewal(at, Some(at + 10), 1000, "jpy");
    account.konbini(at, Some(at + 10), 1000);
    let cash = account.out_of_band(at, 1000, "jpy");
    account.zero_invoice(at, "jpy");
    account.refund(&payment, at + 10, 300);
    let dispute = account.dispute(&payment, at + 20);
    account.close_dispute(&dispute, at + 30, Verdict::Lost);
    account.one_time_with_receipt(at, 10, 1000, "jpy");
    let held = account.hold(at, 1000, "jpy");
    account.capture(&held, at + 10, 800, Release::Refund);
    let [void, written_off, overpaid] = [1, 2, 3].map(|_| account.open_invoice(at, 1000, "jpy"));
    account.void_invoice(&void, at + 10);
    account.write_off_invoice(&written_off, at + 10);
    account.pay_invoices(at + 10, &[(&overpaid, 1100)]);
    let note = account.credit_out_of_band(&cash, at + 10, 100);
    account.void_credit_note(&note, at + 20);
    account.refund_cash_balance(at, 1000, "jpy");
    account.refund_to_cash_balance(&held, at + 20, 100);
    let not_taken = account.refund(&held, at + 20, 100);
    account.end_in_cash_balance(&not_taken, at + 30);
    account.pay_out_by_hand(at - 9 * DAY, 100, "jpy");
    let failed = account.pay_out_by_hand(at, 100, "jpy");
    account.fail_payout(&failed, at + 40, "no_account");
    account
}

fn field_names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_object_has_only_fields_that_the_samples_have() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/events");
    for version in ["2024-06-20", "2025-09-30.clover"] {
        let mut known: Vec<(String, Value)> = Vec::new();
        for file in fs::read_dir(samples.join(version)).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let sample: Value = serde_json::from_str(&text).unwrap();
            let kind = sample["data"]["object"]["object"].as_str().unwrap().to_owned();
            known.push((kind, sample));
        }
        let of_kind = |it: &Value| known.iter().find(|(kind, _)| it["object"] == kind.as_str());
        let mut seen = BTreeSet::new();
        for delivery in every_story("2024-06-20").deliveries(Payload::Snapshot(version)) {
            let event = parsed(&delivery);
            let object = &event["data"]["object"];
            // Disputes and subscriptions have a sample in one version only.
            let Some((kind, sample)) = of_kind(object) else { continue };
            seen.insert(kind.clone());
            assert_eq!(field_names(&event), field_names(sample), "{version}");
            let more: Vec<_> = field_names(object)
                .difference(&field_names(&sample["data"]["object"]))
                .map(|it| (*it).to_owned())
                .collect();
            assert!(more.is_empty(), "{kind} in {version}: {more:?}");
        }
        assert!(seen.len() >= 6, "{version}: {seen:?}");
    }
}

#[test]
fn every_kind_of_object_carries_something_of_a_donor() {
    let account = every_story(CLOVER);
    let bodies: Vec<_> = account.deliveries(Payload::Snapshot(CLOVER)).collect();
    let text = |it: &Delivery| String::from_utf8(it.body.clone()).unwrap();
    for body in bodies.iter().filter(|it| it.event_type != "invoice_payment.paid") {
        let text = text(body);
        assert!(CANARIES.iter().any(|it| text.contains(it)), "{}", body.event_type);
    }
    let all: String = bodies.iter().map(text).collect();
    for canary in CANARIES {
        assert!(all.contains(canary), "{canary} is in no object");
    }
}

/// Returns the field names of the first payout, line, fee and balance that the samples have.
fn samples_of_payouts() -> [Value; 4] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/payouts/03-manual/api");
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let lines = read("v1_balance_transactions.created.json");
    let line = lines["data"][0].clone();
    let fee = line["fee_details"][0].clone();
    [read("v1_payouts.json")["data"][0].clone(), line, fee, read("v1_balance.json")]
}

#[test]
fn payouts_lines_and_balances_have_every_field_of_the_samples() {
    let mut account = every_story(CLOVER);
    account.pay_out(NOW - DAY, "jpy");
    let client = Client::of(account);
    let get = |path: &str| client.get_in("2026-10-28.endive", path);
    let payouts = get("/v1/payouts");
    let lines = get("/v1/balance_transactions?limit=100");
    let line = lines["data"].as_array().unwrap().iter().find(|it| it["fee"] != 0).unwrap();
    let shown = [&payouts["data"][0], line, &line["fee_details"][0], &get("/v1/balance")];
    for (shown, sample) in shown.into_iter().zip(samples_of_payouts()) {
        assert_eq!(field_names(shown), field_names(&sample));
    }
}
