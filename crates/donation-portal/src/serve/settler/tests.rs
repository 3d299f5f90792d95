use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use portal_domain::{Event, Record as _, Recorded, State, Store, StoreError};
use portal_http::Clock;
use portal_sqlite::SqliteStore;
use portal_store_suite::{Call, Lossy, an_event, batch, block_on, text};
use tempfile::TempDir;

use super::{AtWork, Settler, TURN};
use crate::clock::SystemClock;
use crate::serve::bell::Bell;
use crate::serve::group_commit::Writer;
use crate::serve::settling::{Settles, Settling};
use crate::serve::{Serving, shard};

/// Longer than any test runs: what happens then happened without the timer.
const NEVER: Duration = Duration::from_secs(3600);

/// How often the timer calls where it is to call.
const SOON: Duration = Duration::from_millis(10);

/// How long to wait for what must happen.
const LIMIT: Duration = Duration::from_secs(20);

struct Portal {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    bell: Arc<Bell>,
    _folder: TempDir,
}

impl Portal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(opened(folder.path()));
        let (clock, bell) = (Arc::new(SystemClock::new()), Arc::default());
        Self { store, clock, bell, _folder: folder }
    }

    fn settler(&self, look_every: Duration) -> Settler {
        self.settler_of(Arc::clone(&self.store), look_every, TURN)
    }

    fn settler_of(&self, store: Arc<dyn Store>, look_every: Duration, turn: u32) -> Settler {
        let settling = Settling::new(store, Arc::clone(&self.clock), turn);
        Settler { settling, bell: Arc::clone(&self.bell), look_every }
    }

    /// Records in the way of another process: this one learns nothing of it.
    fn record(&self, ids: &[String]) {
        let events = batch(ids.iter().map(|id| an_event(id)));
        block_on(self.store.record(&events)).unwrap();
    }

    /// Records in the way of this process, and asks whether it is ready.
    fn take_in(&self, ids: &[String]) {
        let settles = Settles::Beside(Arc::clone(&self.bell));
        let serving = Serving { store: Arc::clone(&self.store), settles };
        let runtime = shard::runtime().unwrap();
        let (writer, mut seats) = Writer::start(&serving, &self.clock, 1).unwrap();
        let (inbox, relay) = seats.pop().unwrap();
        runtime.block_on(async {
            tokio::spawn(relay.run());
            for id in ids {
                assert_eq!(inbox.record(Arc::new(an_event(id))).await, Ok(Recorded::New));
            }
            assert!(inbox.ready().await.is_ok());
            writer.close().await;
        });
    }

    fn is_settled(&self, id: &str) -> bool {
        let event: Option<Event> = block_on(self.store.event(&text(id))).unwrap();
        event.unwrap().state == State::Done
    }

    /// Waits until all of them are settled.
    fn assert_settled(&self, ids: &[String]) {
        const LOOK: Duration = Duration::from_millis(5);
        for _ in 0..LIMIT.as_millis() / LOOK.as_millis() {
            if ids.iter().all(|id| self.is_settled(id)) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        panic!("not settled within {LIMIT:?}");
    }
}

fn opened(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("portal.db")).unwrap()
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("evt_{number}")).collect()
}

fn start(settler: Settler) -> (AtWork, Receiver<()>) {
    let (end, ended) = mpsc::channel();
    (settler.start(end).unwrap(), ended)
}

/// Asserts that it ends.
fn assert_ends(at_work: AtWork, ended: &Receiver<()>) {
    drop(at_work);
    assert_eq!(ended.recv_timeout(LIMIT), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn what_the_writer_has_recorded_is_settled_without_the_timer() {
    let portal = Portal::new();
    let (at_work, ended) = start(portal.settler(NEVER));
    portal.take_in(&ids(1));
    portal.assert_settled(&ids(1));
    assert_ends(at_work, &ended);
}

#[test]
fn what_another_process_has_recorded_is_settled_when_the_bell_rings() {
    let portal = Portal::new();
    let (at_work, ended) = start(portal.settler(NEVER));
    portal.record(&ids(3));
    portal.bell.ring();
    portal.assert_settled(&ids(3));
    assert_ends(at_work, &ended);
}

#[test]
fn what_nobody_rang_for_is_settled_by_the_timer() {
    let portal = Portal::new();
    portal.record(&ids(1));
    let (at_work, ended) = start(portal.settler(SOON));
    portal.assert_settled(&ids(1));
    assert_ends(at_work, &ended);
}

#[test]
fn more_than_a_turn_takes_is_settled_at_one_call() {
    let portal = Portal::new();
    portal.record(&ids(5));
    let (at_work, ended) = start(portal.settler_of(Arc::clone(&portal.store), NEVER, 2));
    portal.bell.ring();
    portal.assert_settled(&ids(5));
    assert_ends(at_work, &ended);
}

#[test]
fn a_turn_that_failed_is_taken_again() {
    let portal = Portal::new();
    portal.record(&ids(2));
    let lossy = Lossy::new(Arc::clone(&portal.store));
    for _ in 0..3 {
        lossy.plan(Call::Fails(StoreError::Unreachable));
    }
    let (at_work, ended) = start(portal.settler_of(Arc::new(lossy), SOON, TURN));
    portal.bell.ring();
    portal.assert_settled(&ids(2));
    assert_ends(at_work, &ended);
}

#[test]
fn the_intake_does_not_wait_for_a_settler_that_hangs() {
    let portal = Portal::new();
    let lossy = Lossy::new(Arc::clone(&portal.store));
    lossy.plan(Call::Hangs);
    let (at_work, ended) = start(portal.settler_of(Arc::new(lossy), NEVER, TURN));
    portal.take_in(&ids(3));
    // Nobody waits for its end either.
    drop(at_work);
    assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Empty));
    assert!(!portal.is_settled("evt_0"), "it did not hang");
    let another = Portal { bell: Arc::default(), ..portal };
    let (at_work, ended) = start(another.settler(SOON));
    another.assert_settled(&ids(3));
    assert_ends(at_work, &ended);
}

#[test]
fn a_settler_that_nobody_called_ends_when_asked() {
    let portal = Portal::new();
    let (at_work, ended) = start(portal.settler(NEVER));
    assert_ends(at_work, &ended);
    portal.record(&ids(1));
    portal.bell.ring();
    assert!(!portal.is_settled("evt_0"), "settled by one that has ended");
}
