//! The basis of every story: new states of objects, and the events about them.

use super::Account;
use crate::stripe::balance::Line;
use crate::stripe::event::{Event, Health};
use crate::stripe::object::{History, Method, Object, ObjectKind};
use crate::stripe::truth::{Gift, Money};

/// Scatters numbers, so that the order of ids says nothing about the order of time.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

impl Account {
    /// Suppresses an event, as if Stripe had failed to make it: neither it nor its thin twin is
    /// delivered or listed.
    pub fn never_made(&mut self, event: &str) {
        self.known_event(event).generated = false;
    }

    /// Lists that event only from then on, at its place among those of its second.
    pub fn visible_from(&mut self, event: &str, at: i64) {
        self.known_event(event).visible_at = at;
    }

    /// Reports, by a thin event, that Stripe could not make that event. Returns the id of the
    /// report.
    pub fn report_never_made(&mut self, at: i64, event: &str) -> String {
        let id = self.make_id("evt_65");
        let about = self.known_event(event);
        let (event_type, kind) = (about.event_type, about.kind);
        let object = about.object.clone();
        let health = Health { id: id.clone(), created: at, event_type, kind, object };
        self.health.put(&id, at, health);
        id
    }

    pub(crate) fn new_object(
        &mut self,
        kind: ObjectKind,
        created: i64,
        amount: i64,
        currency: &'static str,
    ) -> Object {
        Object {
            kind,
            id: self.make_id(kind.prefix()),
            created,
            amount,
            currency,
            status: "",
            reason: None,
            method: Method::Card,
            payment_intent: None,
            charge: None,
            invoice: None,
            subscription: None,
            collected: 0,
            refunded: 0,
            disputed: false,
            has_line: true,
            reconciled: false,
            attempts: 0,
            paid_at: None,
            whole: None,
            feature: None,
        }
    }

    /// Sets a new state of the object, with these events.
    pub(crate) fn tell(&mut self, at: i64, object: &Object, types: &[&'static str]) {
        let shelf = self.objects.entry(object.kind).or_default();
        if shelf.get(&object.id).is_none() {
            shelf.put(&object.id, object.created, History(Vec::new()));
        }
        let Some(History(states)) = shelf.get_mut(&object.id) else { return };
        let state = states.len();
        states.push((at, object.clone()));
        for event_type in types {
            let id = self.make_id("evt_1");
            let event = Event {
                id: id.clone(),
                event_type,
                created: at,
                object: object.id.clone(),
                visible_at: at,
                generated: true,
                kind: object.kind,
                state,
                api_version: self.api_version,
            };
            self.events.put(&id, at, event);
        }
    }

    /// Takes back what was told of an object for that time and later.
    pub(crate) fn untell(&mut self, kind: ObjectKind, id: &str, at: i64) {
        let history = self.objects.get_mut(&kind).and_then(|it| it.get_mut(id));
        let Some(History(states)) = history else { unknown(id) };
        states.retain(|(since, _)| *since < at);
        let told = self.events.oldest_first().filter(|it| it.object == id && it.created >= at);
        let told: Vec<_> = told.map(|it| it.id.clone()).collect();
        for event in told {
            self.never_made(&event);
        }
    }

    /// Returns the last state of an object.
    pub(crate) fn known(&self, kind: ObjectKind, id: &str) -> Object {
        let last = self.objects.get(&kind).and_then(|it| it.get(id)?.0.last());
        last.map_or_else(|| unknown(id), |(_, it)| it.clone())
    }

    /// Returns a line, to change it.
    pub(crate) fn line_of(&mut self, id: &str) -> &mut Line {
        self.balance.lines.get_mut(id).unwrap_or_else(|| unknown(id))
    }

    fn known_event(&mut self, id: &str) -> &mut Event {
        self.events.get_mut(id).unwrap_or_else(|| unknown(id))
    }

    pub(super) fn gift(&mut self, id: &str) -> &mut Gift {
        self.gifts.get_mut(id).unwrap_or_else(|| unknown(id))
    }

    /// Returns the money of a payment, or of an invoice that was paid outside Stripe.
    pub(crate) fn money(&mut self, id: &str) -> &mut Money {
        self.money.get_mut(id).unwrap_or_else(|| unknown(id))
    }

    pub(super) fn keep_gift(&mut self, gift: Gift) {
        self.gifts.insert(gift.id.clone(), gift);
    }

    pub(crate) fn make_id(&mut self, prefix: &str) -> String {
        self.ids += 1;
        format!("{prefix}{:016x}", self.ids.wrapping_mul(SCATTER))
    }
}

#[expect(clippy::panic, reason = "a story about nothing is a mistake in the test")]
fn unknown(id: &str) -> ! {
    panic!("there is no {id} in any story")
}
