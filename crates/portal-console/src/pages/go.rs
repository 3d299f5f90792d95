//! The id box: leads to the page of any id.

use std::sync::Arc;

use portal_domain::lookup::find_donations;
use portal_domain::{EventFilter, EventId, ObjectId, Selection};

use crate::Desk;
use crate::ids::address_here;
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};

/// Returns the address for the id: an event's, that of the donation which has it, or the events that
/// tell of it.
pub(crate) async fn go(desk: Arc<Desk>, page: PageRequest) -> Result<String, PageError> {
    let form = "an id of Stripe's, such as pi_… or evt_…";
    let bad = PageError::BadQuery { key: "q", form };
    let text = page.value("q").map(str::trim).ok_or_else(|| bad.clone())?;
    if let Some(event) = EventId::new(text).filter(|_| text.starts_with("evt_")) {
        return match desk.store.event(&event).await? {
            Some(_) => Ok(address_here(text)),
            None => Err(PageError::NoSuchId),
        };
    }
    let id = ObjectId::new(text).ok_or(bad)?;
    if text.starts_with("po_") && desk.store.payout(&id).await?.is_some() {
        return Ok(address_here(text));
    }
    if let Some(donation) = find_donations(&*desk.store, &id).await?.first() {
        return Ok(address_here(donation.id.as_str()));
    }
    let about = EventFilter::last(1, Selection::about(&id));
    if desk.store.events(&about).await?.is_empty() {
        return Err(PageError::NoSuchId);
    }
    Ok(address("/ops/events", [("state", "all"), ("object", text)]))
}
