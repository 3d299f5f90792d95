//! The decision on an event, made before anything is written.
//!
//! The decision is a pure function of the event, so it is made before the write, and a store writes
//! the event and everything that follows from it in one step.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::alert::Alert;
use crate::event::{DeadReason, Event, Origin, Payload, State};
use crate::facts::Facts;
use crate::ids::{Currency, EnumWord, EventId, EventType, ObjectId};
use crate::ledger::{
    self, Change, CreditNote, Dispute, Evidence, Invoice, Link, Payment, Payout, PayoutStatus,
    Progress, Reconciliation, Refund, Version,
};
use crate::time::UnixSeconds;

/// An event with its changes to the ledger: the unit that a store records in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    event: Event,
    changes: Vec<Change>,
    facts_json: Option<String>,
}

impl Entry {
    /// Decides an event. One that was read as [`State::Processed`] keeps that state with its
    /// changes, or becomes dead with a reason; any other state is left as it is.
    #[must_use]
    pub fn decide(event: Event) -> Self {
        Self::decide_by(event, ledger::changes)
    }

    /// Works like [`Entry::decide`] with another function than [`ledger::changes`]. If it panics,
    /// only this event loses its changes and no other its acknowledgement (not on wasm, where
    /// panics do not unwind).
    #[must_use]
    pub fn decide_by(
        event: Event,
        changes: impl FnOnce(&Event) -> Result<Vec<Change>, DeadReason>,
    ) -> Self {
        let decided = match event.state {
            State::Processed => catch_unwind(AssertUnwindSafe(|| changes(&event)))
                .unwrap_or(Err(DeadReason::LedgerFailed)),
            State::AwaitingObject { .. } | State::Dead(_) | State::Ignored(_) => Ok(Vec::new()),
        };
        let facts_json = event.facts.as_ref().map(Facts::to_json);
        let (state, changes) = match decided {
            Ok(changes) => (event.state, changes),
            Err(reason) => (State::Dead(reason), Vec::new()),
        };
        Self { event: Event { state, ..event }, changes, facts_json }
    }

    /// Decides a recorded event again from its facts. One that still has no object awaits it again.
    #[must_use]
    pub fn decide_again(event: Event) -> Self {
        let names_only = event.payload == Payload::Thin && event.facts.is_none();
        let state = if names_only {
            State::AwaitingObject { was_dead: event.state.is_unrepaired() }
        } else {
            State::Processed
        };
        Self::decide(Event { state, ..event })
    }

    /// Returns an event with a change of each kind, so that a test can prove that a store accepts
    /// them. It is never kept. A test excludes `None`.
    #[must_use]
    pub fn probe(now: UnixSeconds) -> Option<Self> {
        let event = Event {
            id: EventId::new("evt_probe")?,
            payload: Payload::Object,
            event_type: EventType::new("donation_portal.probe")?,
            created: now,
            livemode: false,
            api_version: None,
            account: None,
            object_id: None,
            snapshot_event: None,
            facts: None,
            state: State::Processed,
            origin: Origin::Delivered,
            fetched_at: None,
            received_at: now,
        };
        let changes = one_of_each(&event)?;
        Some(Self { event, changes, facts_json: None })
    }

    /// Returns the same event as dead, without its changes, because the ledger could not take them.
    #[must_use]
    pub fn without_changes(&self) -> Self {
        let state = State::Dead(DeadReason::LedgerFailed);
        Self {
            event: Event { state, ..self.event.clone() },
            changes: Vec::new(),
            facts_json: self.facts_json.clone(),
        }
    }

    /// Returns the event with the state that was decided.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Returns the changes to the ledger; empty unless the event is processed.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns the event's facts as JSON, serialized during the decision and not on the writing
    /// thread.
    #[must_use]
    pub fn facts_json(&self) -> Option<&str> {
        self.facts_json.as_deref()
    }

    /// Returns the alert for an event that is dead.
    #[must_use]
    pub fn alert(&self) -> Option<Alert> {
        let State::Dead(reason) = self.event.state else { return None };
        let (event, event_type) = (self.event.id.clone(), self.event.event_type.clone());
        let missing = (reason == DeadReason::FactsMissing)
            .then(|| ledger::lacking_fact(&self.event))
            .flatten()
            .and_then(EnumWord::new);
        Some(Alert::EventDead { event, event_type, reason, missing })
    }

    /// True if recording this entry may raise or resolve an alert.
    #[must_use]
    pub fn may_alert(&self) -> bool {
        self.alert().is_some() || self.changes.iter().any(|it| !it.alerts().is_empty())
    }
}

/// Returns a change of each kind; the refund is one that raises an alert.
fn one_of_each(event: &Event) -> Option<Vec<Change>> {
    let object = |id: &str| ObjectId::new(id);
    let (payment, invoice) = (object("pi_probe")?, object("in_probe")?);
    let currency = Currency::new("jpy")?;
    let version = Version { order: 0, event: event.id.clone() };
    let (livemode, at, amount, progress) = (event.livemode, event.created, 0, Progress::Begun);
    Some(vec![
        Change::Payment(Payment {
            id: payment.clone(),
            progress,
            amount,
            currency: currency.clone(),
            livemode,
            at,
            version: version.clone(),
        }),
        Change::Link(Link {
            payment: payment.clone(),
            invoice: Some(invoice.clone()),
            evidence: Evidence::Field,
            share: amount,
        }),
        Change::Invoice(Invoice {
            id: invoice.clone(),
            progress,
            amount,
            paid: amount,
            currency: currency.clone(),
            livemode,
            recurring: false,
            out_of_band: false,
            at,
            version: version.clone(),
        }),
        Change::Refund(Refund {
            id: object("re_probe")?,
            payment: payment.clone(),
            charge: None,
            total: false,
            progress: Progress::Failed,
            amount,
            released: 0,
            currency: currency.clone(),
            livemode,
            made_at: at,
            at,
            version: version.clone(),
        }),
        Change::Dispute(Dispute {
            id: object("du_probe")?,
            payment,
            state: None,
            amount,
            currency: currency.clone(),
            livemode,
            version: version.clone(),
        }),
        Change::Payout(a_payout(event, object("po_probe")?, currency)),
        Change::CreditNote(CreditNote {
            id: object("cn_probe")?,
            invoice: invoice.clone(),
            amount,
            version,
        }),
    ])
}

fn a_payout(event: &Event, id: ObjectId, currency: Currency) -> Payout {
    Payout {
        id,
        amount: 0,
        currency,
        livemode: event.livemode,
        automatic: false,
        method: None,
        status: PayoutStatus::Pending,
        reconciliation: Reconciliation::NotApplicable,
        created: event.created,
        arrives: event.created,
        line: None,
        return_line: None,
        failure: None,
        original: None,
        reversed_by: None,
        version: Version { order: 0, event: event.id.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use crate::alert::Alert;
    use crate::event::{DeadReason, Event, IgnoredReason, Payload, State};
    use crate::facts::FactsKind;
    use crate::ids::EnumWord;
    use crate::ledger::{Change, changes};
    use crate::time::UnixSeconds;

    const PAID: &str = r#"{"id":"pi_1","status":"succeeded","amount":500,"currency":"jpy"}"#;
    const LACKING: &str = r#"{"id":"pi_1","status":"succeeded","amount":500}"#;
    const NEGATIVE: &str = r#"{"id":"pi_1","status":"succeeded","amount":-1,"currency":"jpy"}"#;

    fn probe() -> Entry {
        Entry::probe(UnixSeconds::default()).unwrap()
    }

    /// Returns an event that was read with those facts.
    fn event(kind: FactsKind, facts: &str) -> Event {
        let facts = Some(kind.read(facts).unwrap());
        Event { payload: Payload::Snapshot, facts, ..probe().event }
    }

    fn payment(facts: &str) -> Event {
        event(FactsKind::PaymentIntent, facts)
    }

    fn is_dead(entry: &Entry, event: &Event, reason: DeadReason) {
        let state = State::Dead(reason);
        assert_eq!(entry.event(), &Event { state, ..event.clone() });
        assert_eq!(entry.changes(), []);
        assert_eq!(entry.facts_json, event.facts.as_ref().map(|it| it.to_json()));
        let (id, event_type) = (event.id.clone(), event.event_type.clone());
        let missing = (reason == DeadReason::FactsMissing)
            .then(|| crate::ledger::lacking_fact(event))
            .flatten()
            .and_then(EnumWord::new);
        let alert = Alert::EventDead { event: id, event_type, reason, missing };
        assert_eq!(entry.alert(), Some(alert));
        assert!(entry.may_alert());
    }

    #[test]
    fn an_event_with_all_facts_is_processed_with_its_changes() {
        let paid = payment(PAID);
        let entry = Entry::decide(paid.clone());
        assert_eq!(entry.event(), &paid);
        assert_eq!(entry.changes(), changes(&paid).unwrap());
        assert_eq!(entry.changes().len(), 1);
        assert_eq!(entry.facts_json(), Some(&*paid.facts.unwrap().to_json()));
        assert_eq!((entry.alert(), entry.may_alert()), (None, false));
    }

    #[test]
    fn an_event_that_lacks_a_fact_or_has_a_wrong_one_is_dead_and_keeps_its_facts() {
        for (facts, reason) in
            [(LACKING, DeadReason::FactsMissing), (NEGATIVE, DeadReason::AmountOutOfRange)]
        {
            is_dead(&Entry::decide(payment(facts)), &payment(facts), reason);
        }
    }

    #[test]
    fn an_event_that_was_read_in_another_state_stays_in_it_and_changes_nothing() {
        for state in [
            State::AwaitingObject { was_dead: false },
            State::Dead(DeadReason::ObjectMissing),
            State::Ignored(IgnoredReason::UnknownType),
        ] {
            let event = Event { state, ..payment(PAID) };
            let entry = Entry::decide_by(event.clone(), |_| panic!("{state} is decided"));
            assert_eq!((entry.event(), entry.changes()), (&event, &[][..]));
        }
    }

    #[test]
    fn a_decision_that_panics_costs_the_event_its_changes_and_nothing_else() {
        let paid = payment(PAID);
        let entry = Entry::decide_by(paid.clone(), |_| panic!("of a test"));
        is_dead(&entry, &paid, DeadReason::LedgerFailed);
    }

    #[test]
    fn an_event_without_its_changes_is_dead_because_the_ledger_failed() {
        let paid = payment(PAID);
        let entry = Entry::decide(paid.clone()).without_changes();
        is_dead(&entry, &paid, DeadReason::LedgerFailed);
    }

    #[test]
    fn an_event_is_decided_again_by_its_facts_whatever_state_it_was_in() {
        for state in [
            State::Processed,
            State::Dead(DeadReason::FactsMissing),
            State::Ignored(IgnoredReason::ByOperator),
        ] {
            for payload in [Payload::Snapshot, Payload::Thin, Payload::Object] {
                let paid = Event { payload, ..payment(PAID) };
                let entry = Entry::decide_again(Event { state, ..paid.clone() });
                assert_eq!(entry, Entry::decide(paid));
                let lacking = Event { payload, state, ..payment(LACKING) };
                let entry = Entry::decide_again(lacking.clone());
                is_dead(&entry, &lacking, DeadReason::FactsMissing);
            }
        }
    }

    #[test]
    fn a_thin_event_that_never_got_its_object_awaits_it_again() {
        let dead = State::Dead(DeadReason::ObjectMissing);
        let thin = Event { payload: Payload::Thin, facts: None, state: dead, ..payment(PAID) };
        let entry = Entry::decide_again(thin.clone());
        assert_eq!(
            entry.event(),
            &Event { state: State::AwaitingObject { was_dead: true }, ..thin }
        );
        assert_eq!((entry.changes(), entry.alert()), (&[][..], None));
    }

    #[test]
    fn the_probe_changes_a_row_of_each_kind() {
        let kind = |change: &Change| match change {
            Change::Payment(_) => "payment",
            Change::Link(_) => "link",
            Change::Invoice(_) => "invoice",
            Change::Refund(_) => "refund",
            Change::Dispute(_) => "dispute",
            Change::CreditNote(_) => "credit_note",
            Change::Payout(_) => "payout",
        };
        let kinds: Vec<_> = probe().changes().iter().map(kind).collect();
        assert_eq!(
            kinds,
            ["payment", "link", "invoice", "refund", "dispute", "payout", "credit_note"]
        );
        assert_eq!(probe().event().state, State::Processed);
    }

    #[test]
    fn a_dispute_or_a_refund_that_failed_may_alert() {
        let may_alert = |kind, name: &str, status: &str| {
            let facts = format!(
                r#"{{"id":"{name}","payment_intent":"pi_1","status":"{status}","amount":500,"currency":"jpy"}}"#
            );
            let entry = Entry::decide(event(kind, &facts));
            assert_eq!(entry.event().state, State::Processed, "{status}");
            entry.may_alert()
        };
        assert!(may_alert(FactsKind::Dispute, "du_1", "needs_response"));
        assert!(may_alert(FactsKind::Dispute, "du_1", "won"), "it may end an alert");
        assert!(may_alert(FactsKind::Refund, "re_1", "failed"));
        assert!(!may_alert(FactsKind::Refund, "re_1", "succeeded"));
    }
}
