//! The lookup of donations by the id of whatever Stripe object or event belongs to them.

use crate::donation::Donation;
use crate::event::Event;
use crate::facts::Facts;
use crate::ids::{EventId, ObjectId};
use crate::ports::{EventFilter, Store, StoreError};

/// The last events of an object are looked at, up to so many: each names the same payment, or nearly.
const EVENTS_MAX: u32 = 100;

/// Finds the donations that an id belongs to.
///
/// It is that of an invoice, a payment, a charge, a refund, a credit note, a dispute, a Checkout
/// session, an `InvoicePayment` or an event. The ledger is asked first, which forgets nothing, then
/// the inbox. There are several donations where the events of an object name several invoices.
///
/// # Errors
/// Where the store failed.
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
    let of_object = EventFilter {
        object: Some(id.clone()),
        event_type: None,
        state: None,
        since: None,
        limit: EVENTS_MAX,
    };
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

/// The invoice that an event names says more than its payment, and that more than its own object.
async fn by_event(store: &dyn Store, event: &Event) -> Result<Vec<Donation>, StoreError> {
    let invoice = match &event.facts {
        // The inbox does not find it by its invoice, because the ledger does; yet it names one.
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
