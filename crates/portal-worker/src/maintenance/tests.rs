mod with_stripe;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_contract::{Call, FakeChance, FakeClock, Lossy, an_event, block_on, facts, text};
use portal_domain::digest::Schedule;
use portal_domain::signature::SignatureRefusal;
use portal_domain::{
    Alert, Clock, DeadReason, Entry, Event, FactsKind, Inbox as _, Notification, Notify,
    NotifyError, Observe as _, Record as _, Recorded, Refusal, State, Store, StoreError,
    Unavailable,
};
use portal_service::{Monitor, MonitorState, Notifier, Troubles};
use portal_sqlite::SqliteStore;
use tempfile::TempDir;

use super::Maintenance;
use crate::inbox::StoreRecorder;
use crate::pending_work::PendingWork;

/// An isolate without a runtime: its store's answers are there at once, so that no timer starts.
struct Isolate {
    care: Maintenance,
    inbox: StoreRecorder,
    clock: FakeClock,
    channel: Arc<Channel>,
    store: Arc<Lossy<Arc<dyn Store>>>,
    _folder: TempDir,
}

const START: i64 = 1_760_000_002;

/// Writes down what it is told.
#[derive(Default)]
struct Channel(Mutex<Vec<String>>);

#[async_trait]
impl Notify for Channel {
    fn channel(&self) -> &str {
        "slack-1"
    }

    fn takes(&self, _: &Alert) -> bool {
        true
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        let told = format!("{} {}", notification.action.name(), notification.alert.kind());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        Ok(())
    }
}

impl Isolate {
    fn new() -> Self {
        Self::with_digest(None)
    }

    fn with_digest(digest: Option<Schedule>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
        let lossy = Arc::new(Lossy::new(Arc::new(sqlite) as Arc<dyn Store>));
        let fake = FakeClock::at(START);
        let (store, clock) = (
            || Arc::clone(&lossy) as Arc<dyn Store>,
            || -> Arc<dyn Clock> { Arc::new(fake.clone()) },
        );
        let (troubles, work) = (Arc::new(Troubles::new(clock())), Arc::<PendingWork>::default());
        let (news, state) = (Arc::clone(&troubles), MonitorState::default());
        let monitor = Arc::new(Monitor::new(store(), clock(), news, digest, state));
        let channel = Arc::new(Channel::default());
        let chance = Arc::new(FakeChance::default());
        let notifier = Notifier::new(
            Arc::clone(&channel) as _,
            store(),
            Arc::clone(&monitor),
            clock(),
            chance,
        );
        let inbox = StoreRecorder::new(store(), clock(), Arc::clone(&work));
        let notifiers = vec![notifier];
        let (poller, figures, signatures) = (None, None, None);
        let care = Maintenance { troubles, work, monitor, notifiers, poller, figures, signatures };
        Self { care, inbox, clock: fake, channel, store: lossy, _folder: folder }
    }

    fn records(&self, event: Event) -> Result<Recorded, Unavailable> {
        let recorded = block_on(self.inbox.record(Arc::new(Entry::decide(event))));
        if let Err(unavailable) = &recorded {
            self.care.troubles.unavailable(unavailable);
        }
        recorded
    }

    /// Does the work after a response.
    fn follows_up(&self) {
        if let Some(work) = self.care.pending_work() {
            block_on(self.care.after_response(work));
        }
    }

    fn minutes_pass(&self, minutes: i64) {
        self.clock.pass(60 * minutes);
    }

    /// Returns the notifications since the last call.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.channel.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn state(&self, id: &str) -> State {
        block_on(self.store.event(&an_event(id).id)).unwrap().unwrap().state
    }

    fn is_ready(&self) -> bool {
        block_on(self.inbox.ready()).is_ok()
    }
}

fn a_dispute(id: &str, dispute: &str) -> Event {
    let dispute = format!(
        r#"{{"id": "{dispute}", "payment_intent": "pi_1", "amount": 3000, "currency": "jpy",
            "status": "needs_response"}}"#
    );
    let facts = Some(facts(FactsKind::Dispute, &dispute));
    Event { event_type: text("charge.dispute.created"), facts, ..an_event(id) }
}

#[test]
fn an_ordinary_payment_is_processed_before_the_answer_and_asks_no_channel() {
    let isolate = Isolate::new();
    assert_eq!(isolate.records(an_event("evt_1")), Ok(Recorded::New(State::Processed)));
    assert_eq!(isolate.state("evt_1"), State::Processed);
    assert!(isolate.care.pending_work().is_none());
}

#[test]
fn a_dispute_is_told_when_the_answer_is_out() {
    let isolate = Isolate::new();
    assert_eq!(isolate.records(a_dispute("evt_1", "du_1")), Ok(Recorded::New(State::Processed)));
    assert_eq!(isolate.told(), [""; 0]);
    isolate.follows_up();
    assert_eq!(isolate.told(), ["trigger dispute"]);
    assert_eq!(isolate.records(a_dispute("evt_1", "du_1")), Ok(Recorded::Duplicate));
    assert!(isolate.care.pending_work().is_none(), "a repeat leaves nothing to do");
}

#[test]
fn an_event_that_lacks_a_fact_is_told_when_the_answer_is_out() {
    let isolate = Isolate::new();
    let lacking = facts(FactsKind::PaymentIntent, r#"{"id": "pi_1", "status": "succeeded"}"#);
    let dead = State::Dead(DeadReason::FactsMissing);
    let event = Event { facts: Some(lacking), ..an_event("evt_1") };
    assert_eq!(isolate.records(event), Ok(Recorded::New(dead)));
    isolate.follows_up();
    assert_eq!(isolate.told(), ["trigger event_dead"]);
}

#[test]
fn an_event_that_the_ledger_does_not_take_is_acknowledged_dead_and_told() {
    let isolate = Isolate::new();
    let refused = StoreError::Failed("of a test".into());
    for _in_a_batch_and_alone in 0..2 {
        isolate.store.plan(Call::Fails(refused.clone()));
    }
    assert_eq!(isolate.records(an_event("evt_1")), Ok(Recorded::WithoutChanges(refused)));
    assert_eq!(isolate.state("evt_1"), State::Dead(DeadReason::LedgerFailed));
    isolate.follows_up();
    assert_eq!(isolate.told(), ["trigger event_dead"]);
}

#[test]
fn an_outage_is_told_without_the_store_once_and_ends_by_it() {
    let isolate = Isolate::new();
    for minute in 0..3 {
        isolate.store.plan(Call::Fails(StoreError::Full));
        assert_eq!(isolate.records(an_event("evt_1")), Err(Unavailable::Store(StoreError::Full)));
        isolate.store.plan(Call::Fails(StoreError::Full));
        isolate.follows_up();
        let due: &[&str] = if minute == 0 { &["trigger store_unavailable"] } else { &[] };
        assert_eq!(isolate.told(), due);
        isolate.minutes_pass(1);
    }
    isolate.records(an_event("evt_1")).unwrap();
    isolate.follows_up();
    block_on(isolate.care.each_minute());
    assert_eq!(isolate.told(), [""; 0], "it is in the store now, and known");
    for _ in 0..4 {
        isolate.minutes_pass(1);
        block_on(isolate.care.each_minute());
    }
    assert_eq!(isolate.told(), ["resolve store_unavailable"]);
}

#[test]
fn an_outage_in_a_minute_without_deliveries_is_told_too() {
    let isolate = Isolate::new();
    isolate.store.plan(Call::Fails(StoreError::Unreachable));
    block_on(isolate.care.each_minute());
    assert_eq!(isolate.told(), ["trigger store_unavailable"]);
}

#[test]
fn a_burst_of_refusals_is_notified_and_resolved() {
    let isolate = Isolate::new();
    for _ in 0..5 {
        isolate.care.troubles.refused(Refusal::Signature(SignatureRefusal::NoMatch));
        isolate.follows_up();
    }
    assert_eq!(isolate.told(), ["trigger signature_refusals"]);
    block_on(isolate.care.each_minute());
    assert_eq!(isolate.told(), [""; 0]);
    for _ in 0..4 {
        isolate.minutes_pass(1);
        block_on(isolate.care.each_minute());
    }
    assert_eq!(isolate.told(), ["resolve signature_refusals"]);
}

#[test]
fn an_answer_about_readiness_is_repeated_for_a_while() {
    let isolate = Isolate::new();
    isolate.store.plan(Call::Fails(StoreError::Full));
    assert!(!isolate.is_ready());
    assert!(!isolate.is_ready(), "the answer is repeated");
    isolate.minutes_pass(1);
    assert!(isolate.is_ready());
}
