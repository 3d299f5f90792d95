//! The table of event types.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use portal_domain::event_types::{
    DAILY_TYPES, EVENT_TYPES, EventGroup, EventTypeRow, MONEY_TYPES, TYPES_IN_LIST_MAX,
};
use portal_domain::{EventType, FactsKind};
use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// The folders of `samples/events` whose files are one event each.
const FOLDERS: [&str; 3] = ["2024-06-20", "2025-09-30.clover", "thin"];

fn kind(name: &str) -> Option<FactsKind> {
    EventType::new(name).and_then(|it| FactsKind::of(&it))
}

/// Returns the sample events: the name and the JSON of each file.
fn samples() -> Result<Vec<(String, Value)>> {
    let mut samples = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(Path::new(EVENTS).join(folder))? {
            let path = entry?.path();
            let event = serde_json::from_str(&fs::read_to_string(&path)?)?;
            samples.push((path.display().to_string(), event));
        }
    }
    // Answers of the API are no events.
    samples.retain(|(name, _)| !name.contains("/api_response."));
    Ok(samples)
}

#[test]
fn each_type_stands_in_the_table_once() {
    let names: BTreeSet<_> = EVENT_TYPES.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), EVENT_TYPES.len());
}

#[test]
fn the_types_of_one_kind_stand_together() {
    let mut kinds: Vec<&str> = EVENT_TYPES.iter().map(|row| row.kind.object_name()).collect();
    kinds.dedup();
    let distinct: BTreeSet<_> = kinds.iter().collect();
    assert_eq!(kinds.len(), distinct.len(), "{kinds:?}");
}

#[test]
fn a_listed_type_has_the_kind_of_its_neighbours_that_are_not_listed() {
    for EventTypeRow { name, kind: listed, .. } in EVENT_TYPES {
        assert_eq!(kind(name), Some(*listed), "{name}");
        assert_eq!(kind(&format!("v1.{name}")), Some(*listed), "{name}");
        let neighbour = format!("{name}_tomorrow");
        assert_eq!(kind(&neighbour), Some(*listed), "{neighbour}");
    }
}

#[test]
fn a_type_that_is_not_listed_is_read_by_its_longest_beginning() {
    for (name, due) in [
        ("payment_intent.partially_funded", Some(FactsKind::PaymentIntent)),
        ("charge.expired", Some(FactsKind::Charge)),
        ("charge.refund.created", Some(FactsKind::Refund)),
        ("charge.dispute.evidence_added", Some(FactsKind::Dispute)),
        ("invoice.overdue", Some(FactsKind::Invoice)),
        ("v1.invoice.overdue", Some(FactsKind::Invoice)),
        ("invoice_payment.detached", Some(FactsKind::InvoicePayment)),
        ("checkout.session.expired", Some(FactsKind::CheckoutSession)),
        ("refund.pending", Some(FactsKind::Refund)),
        ("customer.subscription.paused", Some(FactsKind::Subscription)),
        ("invoice.upcoming", None),
        ("invoiceitem.created", None),
        ("customer.created", None),
    ] {
        assert!(EVENT_TYPES.iter().all(|row| row.name != name), "{name} is listed");
        assert_eq!(kind(name), due, "{name}");
    }
}

#[test]
fn each_group_has_the_types_of_the_table_and_fits_one_list() {
    let of = |group| EVENT_TYPES.iter().filter(move |row| row.group == group).map(|row| row.name);
    assert!(MONEY_TYPES.into_iter().eq(of(EventGroup::Money)), "{MONEY_TYPES:?}");
    assert!(DAILY_TYPES.into_iter().eq(of(EventGroup::Daily)), "{DAILY_TYPES:?}");
    for group in [MONEY_TYPES.as_slice(), DAILY_TYPES.as_slice()] {
        assert!((1..=TYPES_IN_LIST_MAX).contains(&group.len()), "{group:?}");
    }
}

/// Stripe delays collection for an endpoint that does not acknowledge this type
/// (<https://docs.stripe.com/billing/subscriptions/webhooks>).
#[test]
fn the_endpoint_need_not_be_sent_invoice_created() {
    assert!(!MONEY_TYPES.contains(&"invoice.created"));
}

#[test]
fn each_sample_that_is_read_has_a_listed_type_and_an_object_of_its_kind() -> Result {
    let mut read = 0;
    for (name, event) in samples()? {
        let event_type = event["type"].as_str().ok_or("no type")?;
        if kind(event_type).is_none() {
            continue;
        }
        let listed = event_type.strip_prefix("v1.").unwrap_or(event_type);
        let row = EVENT_TYPES.iter().find(|row| row.name == listed);
        let row = row.ok_or_else(|| format!("{name}: {listed} is not listed"))?;
        let object = &event["data"]["object"];
        if object.is_null() {
            assert_eq!(event["related_object"]["type"], row.kind.object_name(), "{name}");
        } else {
            assert_eq!(object["object"], row.kind.object_name(), "{name}");
            assert_eq!(row.kind.read(&object.to_string())?.kind(), row.kind, "{name}");
        }
        read += 1;
    }
    assert!(read > 40, "only {read} samples were read");
    Ok(())
}
