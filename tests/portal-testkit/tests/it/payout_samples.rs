//! The sets of `samples/payouts` come out of the stand-in as they were put in.

#![expect(clippy::indexing_slicing, reason = "what is not there fails a test")]

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use portal_testkit::payout_samples::{PayoutSet, SAMPLES, names};
use serde_json::Value;

use crate::stripe::client::Client;

const VERSION: &str = "2026-10-28.endive";

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the requests of a set with the name of the answer's file.
fn requests(folder: &Path) -> Vec<(String, String)> {
    let file = folder.join("api/requests.json");
    if file.exists() {
        let all = json(&file);
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let all = all.as_array().unwrap().iter();
        return all.map(|it| (text(it, "request"), text(it, "answer"))).collect();
    }
    let payout = json(&folder.join("api/v1_payouts.json"))["data"][0]["id"].clone();
    let lines = "GET /v1/balance_transactions?limit=100&expand[]=data.source&payout=";
    vec![
        ("GET /v1/payouts".to_owned(), "v1_payouts.json".to_owned()),
        (
            format!("{lines}{}", payout.as_str().unwrap()),
            "v1_balance_transactions.page1.json".to_owned(),
        ),
    ]
}

/// Returns a client of the set as it is in the end.
fn client_of(set: PayoutSet) -> Client {
    let client = Client::of(set.account);
    client.clock.store(set.now, Ordering::SeqCst);
    client
}

#[test]
fn each_recorded_request_has_its_recorded_answer() {
    let mut asked = 0;
    for name in names().unwrap() {
        let folder = Path::new(SAMPLES).join(&name);
        let set = PayoutSet::read(&name).unwrap();
        let client = client_of(set);
        for (request, answer) in requests(&folder) {
            let here = client.get_in(VERSION, request.strip_prefix("GET ").unwrap());
            assert_eq!(here, json(&folder.join("api").join(answer)), "{name}: {request}");
            asked += 1;
        }
    }
    assert!(asked >= 18, "{asked}");
}

#[test]
fn a_source_that_is_not_expanded_is_an_id() {
    let client = client_of(PayoutSet::read("03-manual").unwrap());
    let lines = client.get_in(VERSION, "/v1/balance_transactions");
    let lines = lines["data"].as_array().unwrap();
    assert!(lines.len() == 5 && lines.iter().all(|it| it["source"].is_string()));
}

#[test]
fn the_payments_of_the_ledger_are_shown() {
    for name in names().unwrap() {
        let set = PayoutSet::read(&name).unwrap();
        let ledger = set.ledger.clone();
        let (shown, _) = client_of(set).page("/v1/payment_intents?limit=100");
        for gift in ledger.as_array().unwrap() {
            assert!(shown.iter().any(|it| *it == gift["payments"][0]), "{name}: {gift}");
        }
    }
}

#[test]
fn the_events_of_a_set_are_samples() {
    let set = PayoutSet::read("04-failed").unwrap();
    assert_eq!(set.events.len(), 8);
    assert_eq!(set.events[0].name, "2024-06-20/1.payout.reconciliation_completed.json");
    assert_eq!(set.expected["statements"][0]["status"], "failed");
}
