//! Makes events of the inbox from objects that Stripe's API returned.

use crate::event::{Event, Origin, Payload, State};
use crate::facts::{Charge, Facts, NoInvoice};
use crate::ids::{EnumWord, EventId, EventType, ObjectId};
use crate::lenient::Lenient;
use crate::stripe::page::FetchedObject;
use crate::stripe::{API_VERSION, ReadError};
use crate::time::UnixSeconds;

/// The circumstances of an observation.
#[derive(Clone, Copy)]
pub(crate) struct Observation {
    /// By Stripe's clock.
    pub(crate) at: UnixSeconds,
    /// By this service's clock.
    pub(crate) received_at: UnixSeconds,
    /// Live or test mode, by the key.
    pub(crate) livemode: bool,
}

impl Observation {
    /// Returns the object, and the latest charge of a payment, which shows its refunds.
    pub(crate) fn events(self, seen: &FetchedObject) -> Result<Vec<Event>, ReadError> {
        let paid_at = seen.charge.as_ref().and_then(|it| it.created.get()).copied();
        let mut events = vec![self.event(seen.facts.clone(), paid_at)?];
        // A failed charge is an attempt before the payment's present state.
        let succeeded = |it: &&Charge| it.status.get().is_some_and(|it| it.as_str() == "succeeded");
        if let Some(charge) = seen.charge.as_ref().filter(succeeded) {
            events.push(self.event(Facts::Charge(Box::new(named(charge, seen))), None)?);
        }
        Ok(events)
    }

    /// Returns the event that this payment belongs to no invoice.
    pub(crate) fn no_invoice(self, payment: ObjectId) -> Result<Event, ReadError> {
        self.event(Facts::NoInvoice(Box::new(NoInvoice { id: Lenient(Some(payment)) })), None)
    }

    fn event(self, facts: Facts, happened_at: Option<UnixSeconds>) -> Result<Event, ReadError> {
        let object = facts.object_id().ok_or(ReadError::Unreadable)?.clone();
        let kind = facts.kind().object_name();
        Ok(Event {
            id: id(&object, &facts, self.at)?,
            payload: Payload::Object,
            event_type: EventType::new(&format!("{kind}.reconciled"))
                .ok_or(ReadError::Unreadable)?,
            created: happened_at.unwrap_or(self.at),
            livemode: self.livemode,
            api_version: Some(EnumWord::of_name(API_VERSION)),
            account: None,
            object_id: Some(object),
            snapshot_event: None,
            facts: Some(facts),
            state: State::Processed,
            origin: Origin::Reconciled,
            fetched_at: Some(self.at),
            received_at: self.received_at,
        })
    }
}

/// A later view of the same object may differ, so it is another event. A link has nothing but its
/// status, and the links of a payment with several invoices are seen in each run.
fn id(object: &ObjectId, facts: &Facts, at: UnixSeconds) -> Result<EventId, ReadError> {
    let kind = facts.kind().object_name();
    let seen = if let Facts::InvoicePayment(it) = facts {
        it.status.get().map(ToString::to_string)
    } else {
        None
    };
    let seen = seen.unwrap_or_else(|| at.get().to_string());
    EventId::new(&format!("{object}-{kind}-{seen}").replace('.', "_")).ok_or(ReadError::Unreadable)
}

/// Adds the payment to its charge, because an API may leave it out of an expanded charge.
fn named(charge: &Charge, payment: &FetchedObject) -> Charge {
    let id = charge.payment_intent.get().or_else(|| payment.facts.object_id());
    Charge { payment_intent: Lenient(id.cloned()), ..charge.clone() }
}
