//! The cases of `samples/ledger` without any delivery: a comparison finds the same donations.

use std::collections::BTreeMap;

use portal_contract::stories::ledger::{ALL, Reconciled};
use portal_contract::stories::{ExpectedDonation, LedgerCase};
use portal_domain::{DonationFilter, Ledger as _};
use portal_testkit::stripe::{Account, CLOVER};
use serde_json::Value;

use crate::reconcile::world::{DAY, World, wait};
use crate::support::Result;

/// The kinds of object that a comparison reads, apart from the charge inside a payment.
const KINDS: [&str; 6] =
    ["payment_intent", "charge", "invoice", "invoice_payment", "refund", "dispute"];

#[test]
fn what_nobody_delivered_comes_to_the_donations_that_are_due() -> Result {
    let mut wrong = Vec::new();
    for (name, read) in ALL {
        let case = read();
        let reason = case.not_reconciled.clone();
        let (here, due) = compared(case)?;
        match (reason, here == due) {
            (None, true) | (Some(_), false) => {}
            (None, false) => wrong.push(format!("{name}: here {here:#?}, due {due:#?}")),
            (Some(why), true) => wrong.push(format!("{name} is right, though: {why}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Returns the donations that a comparison finds, and the expected ones.
fn compared(case: LedgerCase) -> Result<(Vec<ExpectedDonation>, Vec<ExpectedDonation>)> {
    let own = Reconciled { objects: Vec::new(), donations: case.donations };
    let Reconciled { objects: more, donations: mut due } = case.reconciled.unwrap_or(own);
    let objects = [last_states(&case.events), more].concat();
    let made: Vec<_> = objects.iter().filter_map(|it| it["created"].as_i64()).collect();
    let told = case.events.iter().filter_map(|it| it["created"].as_i64());
    let since = made.iter().min().copied().unwrap_or_default();
    let mut account = Account::live(CLOVER);
    for object in objects {
        account.show(object);
    }
    let world = World::new(account)?;
    world.at(told.chain(made.clone()).max().unwrap_or_default() + DAY);
    world.reconcile(since)?;
    let here = wait(world.store.donations(&DonationFilter::default(), None, u32::MAX))??;
    let mut here: Vec<_> = here.iter().map(|it| ExpectedDonation::seen(it, &due)).collect();
    here.sort();
    due.sort();
    Ok((here, due))
}

/// Returns the objects of the events as Stripe shows them today: each as in its last event.
fn last_states(events: &[Value]) -> Vec<Value> {
    let mut objects = BTreeMap::new();
    // The portal's key cannot read the objects of connected accounts.
    for event in events.iter().filter(|it| it["account"].is_null()) {
        let mut object = event["data"]["object"].clone();
        let text = |field: &str| object[field].as_str().map(str::to_owned);
        let kind = text("object").filter(|it| KINDS.contains(&it.as_str()));
        let Some(place) = kind.zip(text("id")) else { continue };
        if object["created"].is_null() {
            object["created"] = event["created"].clone();
        }
        objects.insert(place, today(object));
    }
    let charges: Vec<_> = objects.values().filter(|it| it["object"] == "charge").cloned().collect();
    for payment in objects.values_mut().filter(|it| it["object"] == "payment_intent") {
        let of_payment = |it: &&Value| it["payment_intent"] == payment["id"];
        if let Some(charge) = charges.iter().rfind(of_payment) {
            payment["latest_charge"] = charge["id"].clone();
        }
    }
    objects.into_values().collect()
}

/// Removes the field for the invoice, which payments and charges lack in today's versions
/// (<https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices>).
fn today(mut object: Value) -> Value {
    let names_none = ["payment_intent", "charge"].map(Value::from).contains(&object["object"]);
    if let Some(fields) = object.as_object_mut().filter(|_| names_none) {
        fields.remove("invoice");
    }
    object
}
