use std::sync::Arc;

use portal_contract::stripe::{old, payment};
use portal_contract::{Call, Lossy};
use portal_domain::Clock;
use portal_domain::Recorded::{New, WithoutChanges};
use portal_domain::{Entry, Ready, Record as _, Recorded, State, Store, StoreError, Unavailable};
use portal_sqlite::SqliteStore;
use rusqlite::Connection;

use super::{DEADLINE, PROOF_DEADLINE, QueueSender, Writer};
use crate::clock::SystemClock;
use crate::serve::runtime::runtime;

#[test]
fn a_failed_write_makes_the_service_not_ready_for_a_while() {
    on_a_lossy_writer(Call::Fails(StoreError::Full), async |inbox, _| {
        let full = Unavailable::Store(StoreError::Full);
        assert_eq!(inbox.record(gift("1")).await, Err(full.clone()));
        // The store would work again, but is not checked.
        assert_eq!(inbox.ready().await, Err(full));
    });
}

#[test]
fn a_readiness_check_times_out_before_deliveries_do() {
    on_a_lossy_writer(Call::Hangs, async |inbox, clock| {
        let asked_at = clock.monotonic();
        let timed_out = Err(Unavailable::Store(StoreError::TimedOut));
        assert_eq!(inbox.ready().await, timed_out);
        let taken = clock.monotonic().saturating_sub(asked_at);
        assert!(taken >= PROOF_DEADLINE && taken < DEADLINE, "{taken:?}");
        // The result is reused without another check.
        assert_eq!(inbox.ready().await, timed_out);
        assert_eq!(inbox.record(gift("1")).await, Ok(New(State::Processed)));
    });
}

#[test]
fn an_event_whose_changes_fail_is_dead_and_costs_no_other_of_its_batch_its_answer() {
    let processed = Ok(New(State::Processed));
    let ([before, broken, after], _) = together_where("payment when new.id = 'pi_broken'");
    assert_eq!([before, after], [processed.clone(), processed]);
    assert!(matches!(broken, Ok(WithoutChanges(StoreError::Failed(_)))), "{broken:?}");
}

#[test]
fn an_event_that_fails_in_every_form_is_refused_and_costs_no_other_of_its_batch_its_answer() {
    let ([before, broken, after], ready) = together_where("event when new.id = 'evt_broken'");
    let processed = Ok(New(State::Processed));
    assert_eq!([before, after], [processed.clone(), processed]);
    assert!(matches!(broken, Err(Unavailable::Store(StoreError::Failed(_)))), "{broken:?}");
    assert!(ready.is_ok(), "the others are taken: {ready:?}");
}

#[test]
fn a_store_that_takes_nothing_refuses_every_event_of_a_batch() {
    let (all, ready) = together_where("event");
    for recorded in all {
        assert!(matches!(recorded, Err(Unavailable::Store(StoreError::Failed(_)))), "{recorded:?}");
    }
    assert!(matches!(ready, Err(Unavailable::Store(StoreError::Failed(_)))), "{ready:?}");
}

/// Queues three gifts for one write while a trigger makes a row fail `before insert on` `failing`.
/// Returns the results and the readiness afterwards.
fn together_where(
    failing: &str,
) -> ([Result<Recorded, Unavailable>; 3], Result<Ready, Unavailable>) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("portal.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&database).unwrap());
    let other = Connection::open(&database).unwrap();
    let fail = format!(
        "create trigger broken before insert on {failing} begin select raise(abort, 'broken'); end;
         begin immediate"
    );
    other.execute_batch(&fail).unwrap();
    let mut all = None;
    on_a_writer(&store, async |inbox, _| {
        let record = |name| inbox.record(gift(name));
        // The lock keeps the writer from writing before all three are queued.
        let (a, broken, c, ()) = tokio::join!(record("a"), record("broken"), record("c"), async {
            other.execute_batch("rollback").unwrap();
        });
        all = Some(([a, broken, c], inbox.ready().await));
    });
    all.unwrap()
}

/// Returns the event `evt_{name}` of the payment `pi_{name}`.
fn gift(name: &str) -> Arc<Entry> {
    let paid = payment(&format!("pi_{name}"), "succeeded");
    let told = old(0, "payment_intent.succeeded", paid).known_as(&format!("evt_{name}"));
    Arc::new(Entry::decide(told.event()))
}

/// Runs `case` on a writer whose store behaves as `first` says in its first call, and then works.
fn on_a_lossy_writer(first: Call, case: impl AsyncFnOnce(&QueueSender, &dyn Clock)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
    let lossy = Lossy::new(Arc::new(store) as Arc<dyn Store>);
    lossy.plan(first);
    on_a_writer(&(Arc::new(lossy) as Arc<dyn Store>), case);
}

fn on_a_writer(store: &Arc<dyn Store>, case: impl AsyncFnOnce(&QueueSender, &dyn Clock)) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (writer, inbox) = Writer::start(store, &clock, Arc::default()).unwrap();
    runtime().unwrap().block_on(async {
        case(&inbox, &*clock).await;
        writer.close().await;
    });
}
