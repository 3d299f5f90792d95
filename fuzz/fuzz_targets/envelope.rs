//! A signed body: reading it never panics, and what is kept of it is sound.
#![no_main]

use bytes::Bytes;
use donation_portal_fuzz::{now, receiver, signature};
use libfuzzer_sys::fuzz_target;
use portal_domain::ledger::{Change, lacking_fact};
use portal_domain::{DeadReason, Entry, Event, EventId, EventType, Facts, Payload, Refusal, State};
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let event = match read(body) {
        Ok(event) => event,
        Err(Refusal::NotAnEvent(_)) => return,
        Err(Refusal::Signature(refusal)) => panic!("not signed: {refusal}"),
    };
    is_sound(&event);
    is_written_and_read_back(&event);
    is_the_same_in_another_order(body, &event);
    changes_the_ledger_soundly(&event);
});

fn read(body: &[u8]) -> Result<Event, Refusal> {
    let header = signature(now(), body);
    receiver().read([header.as_bytes()], Bytes::copy_from_slice(body), now())
}

fn is_sound(event: &Event) {
    assert!(EventId::new(event.id.as_str()).is_some());
    assert!(EventType::new(event.event_type.as_str()).is_some());
    assert_eq!(event.received_at, now());
    assert_eq!(
        event.facts.is_some(),
        event.payload == Payload::Snapshot && event.state == State::Processed
    );
    if let Some(facts) = &event.facts {
        assert_eq!(facts.object_id(), event.object_id.as_ref());
        assert!(event.object_id.is_some());
    }
    if event.account.is_some() {
        assert_eq!(event.state.reason(), Some("connected_account"));
    }
    assert_eq!(State::from_names(event.state.name(), event.state.reason()), Some(event.state));
}

fn is_written_and_read_back(event: &Event) {
    if let Some(facts) = &event.facts {
        let read = Facts::from_json(&facts.to_json()).expect("facts can be read back");
        assert_eq!(&read, facts);
    }
}

/// Whatever amounts it has: what reaches the ledger can be added up.
fn changes_the_ledger_soundly(event: &Event) {
    let entry = Entry::decide(event.clone());
    assert_ne!(entry.event().state, State::Dead(DeadReason::LedgerFailed));
    assert_eq!(lacking_fact(event).is_some(), entry.alert().is_some());
    for change in entry.changes() {
        let amount = match change {
            Change::Payment(it) => it.amount,
            Change::Invoice(it) => it.amount,
            Change::Refund(it) => it.amount,
            Change::Dispute(it) => it.amount,
            Change::CreditNote(it) => it.amount,
            // Stripe may take money from the bank account.
            Change::Payout(it) => it.amount.abs(),
            Change::Link(_) => 0,
        };
        assert!((0..1_000_000_000_000).contains(&amount));
    }
}

/// Stripe's order of keys is read faster than others, and must not be read differently.
fn is_the_same_in_another_order(body: &[u8], event: &Event) {
    // Not all JSON that is skipped can be held.
    if let Ok(held) = serde_json::from_slice::<Value>(body) {
        let backwards = read(backwards(held).to_string().as_bytes()).expect("still an event");
        assert_eq!(&backwards, event);
    }
}

/// The same JSON, with the keys of each object from the last to the first.
fn backwards(json: Value) -> Value {
    match json {
        Value::Object(entries) => {
            entries.into_iter().rev().map(|(key, value)| (key, backwards(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(backwards).collect(),
        other => other,
    }
}
