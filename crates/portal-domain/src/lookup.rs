//! The lookup of donations by the id of whatever Stripe object or event belongs to them.

use crate::breakdown::{Breakdown, breakdown};
use crate::donation::Donation;
use crate::event::Event;
use crate::facts::Facts;
use crate::ids::{EventId, ObjectId};
use crate::ports::{EventFilter, Selection, Store, StoreError};

/// The number of an object's newest events that are read: nearly all of them name the same payment.
const EVENTS_MAX: u32 = 100;

/// The most events of the history of a donation; most donations have fewer than ten.
const HISTORY_MAX: u32 = 50;

/// Finds the donations that an id belongs to.
///
/// The id is that of an invoice, a payment, a charge, a refund, a credit note, a dispute, a
/// Checkout session, an `InvoicePayment` or an event. The ledger is asked first, because its rows
/// are never pruned, then the inbox. Several donations are found if the events of an object name
/// several invoices.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn find_donations(store: &dyn Store, id: &ObjectId) -> Result<Vec<Donation>, StoreError> {
    let found = by_ledger(store, id).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(event_id) = EventId::new(id.as_str())
        && let Some(event) = store.event(&event_id).await?
    {
        return by_event(store, &event).await;
    }
    let of_object = EventFilter::last(EVENTS_MAX, Selection::about(id));
    let mut found: Vec<Donation> = Vec::new();
    for event in store.events(&of_object).await? {
        for donation in by_event(store, &event).await? {
            if !found.iter().any(|it| it.id == donation.id) {
                found.push(donation);
            }
        }
    }
    Ok(found)
}

/// Finds the first donation that an id belongs to, and how its amount is made up; beside it the ids of
/// the others that the id belongs to.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn find_with_breakdown(
    store: &dyn Store,
    id: &ObjectId,
) -> Result<Option<(Breakdown, Vec<ObjectId>)>, StoreError> {
    let mut found = find_donations(store, id).await?.into_iter().map(|it| it.id);
    let Some(first) = found.next() else { return Ok(None) };
    // The donation may have become part of another one since the search.
    let rows = store.donation_rows(&first).await?;
    Ok(rows.map(|rows| (breakdown(&rows), found.collect())))
}

/// Returns the last events about a donation, its payments and what belongs to them, in the order in
/// which they happened.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn last_events_of(store: &dyn Store, id: &ObjectId) -> Result<Vec<Event>, StoreError> {
    let filter = EventFilter::last(HISTORY_MAX, Selection::about(id));
    let mut events = store.events(&filter).await?;
    events.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    Ok(events)
}

async fn by_ledger(store: &dyn Store, id: &ObjectId) -> Result<Vec<Donation>, StoreError> {
    if let Some(found) = store.donation(id).await? {
        return Ok(vec![found]);
    }
    let parents = store.parents_of(id).await?;
    let mut found: Vec<Donation> =
        store.donations_of(&parents).await?.into_iter().flatten().collect();
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Follows the event's invoice first, then its payment, then its own object: in this order they
/// tell more about the donation.
async fn by_event(store: &dyn Store, event: &Event) -> Result<Vec<Donation>, StoreError> {
    let invoice = match &event.facts {
        // The inbox cannot find an InvoicePayment by its invoice, which only the ledger has, but
        // the event names one.
        Some(Facts::InvoicePayment(it)) => it.invoice.get(),
        Some(_) | None => event.invoice(),
    };
    for id in [invoice, event.payment(), event.object_id.as_ref()].into_iter().flatten() {
        let found = by_ledger(store, id).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
