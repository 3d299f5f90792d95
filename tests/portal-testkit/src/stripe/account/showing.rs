//! The view of the account at a time.

use serde_json::Value;

use super::Account;
use crate::stripe::event::Event;
use crate::stripe::object::{History, Object, ObjectKind};
use crate::stripe::render::{Style, render};
use crate::stripe::shelf::{Page, Shelf, Wanted};
use crate::stripe::time::EVENT_SECONDS;

impl Account {
    /// True if the event can be fetched by its id: made, visible, and not too old.
    fn shows(&self, event: &Event, now: i64) -> bool {
        event.generated && is_young(event.created, now) && event.visible_at <= now
    }

    pub(crate) fn event_by_id(&self, id: &str, now: i64) -> Option<&Event> {
        self.events.get(id).filter(|it| self.shows(it, now))
    }

    pub(crate) fn event_page(
        &self,
        wanted: &Wanted,
        now: i64,
        of_type: impl Fn(&str) -> bool,
    ) -> Page<'_, Event> {
        self.events.page(wanted, |it| of_type(it.event_type) && self.shows(it, now))
    }

    /// Returns the object in its state at that time.
    pub(crate) fn object(&self, kind: ObjectKind, id: &str, now: i64) -> Option<&Object> {
        self.objects.get(&kind)?.get(id)?.at(now)
    }

    /// Returns all objects of that kind in their states at that time, the oldest first.
    pub(crate) fn all_objects(&self, kind: ObjectKind, now: i64) -> impl Iterator<Item = &Object> {
        let shelf = self.objects.get(&kind).into_iter();
        shelf.flat_map(Shelf::oldest_first).filter_map(move |it| it.at(now))
    }

    pub(crate) fn object_page(
        &self,
        kind: ObjectKind,
        wanted: &Wanted,
        now: i64,
    ) -> Option<Page<'_, History>> {
        Some(self.objects.get(&kind)?.page(wanted, |it| it.at(now).is_some()))
    }

    /// Returns the `InvoicePayment`s of a payment, the newest first.
    pub(crate) fn invoice_payments_of(
        &self,
        payment: &str,
        now: i64,
    ) -> impl Iterator<Item = &Object> {
        let links = self.invoice_payments.get(payment).into_iter().flatten().rev();
        links.filter_map(move |it| self.object(ObjectKind::InvoicePayment, it, now))
    }

    /// Returns the object in the state that the event shows.
    pub(crate) fn state_of(&self, event: &Event) -> Option<&Object> {
        let history = self.objects.get(&event.kind)?.get(&event.object)?;
        history.0.get(event.state).map(|(_, it)| it)
    }

    /// Returns the event as it is listed, in the version in which it was made.
    pub(crate) fn listed(&self, event: &Event) -> Option<Value> {
        let (about, version) = (self.state_of(event)?, event.api_version);
        let data = render(about, Style::of(self, version));
        Some(event.snapshot(data, about, self.livemode, version, 0))
    }

    /// Returns the thin event with its data.
    pub(crate) fn thin_event(&self, id: &str, now: i64) -> Option<Value> {
        if let Some(health) = self.health.get(id).filter(|it| is_young(it.created, now)) {
            return Some(health.whole(self.livemode));
        }
        let event = self.event_by_id(&id.replacen("evt_65", "evt_1", 1), now)?;
        Some(event.whole(self.state_of(event)?, self.livemode))
    }
}

fn is_young(created: i64, now: i64) -> bool {
    created <= now && now <= created.saturating_add(EVENT_SECONDS)
}
