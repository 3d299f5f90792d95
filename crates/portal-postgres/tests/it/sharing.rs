//! Several stores on one database: threads, processes, restarts.

mod delivery_history;
mod dying;
mod jobs;
mod ledger;
mod notifications;
mod operating;
mod reading;
mod recording;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use crate::home::TestHome;
use portal_contract::an_event;
use portal_domain::{DeadReason, Entry, Event, Reprocess, State};
use portal_postgres::PostgresStore;

/// Runs `step` on the stores of this number of processes at the same moment, in each round, and
/// returns all results.
fn at_once<T: Send>(
    home: &TestHome,
    processes: usize,
    rounds: usize,
    step: impl Fn(usize, usize, &PostgresStore) -> T + Sync,
) -> Vec<Vec<T>> {
    let stores: Vec<_> = (0..processes).map(|_| home.another_store()).collect();
    let start = Barrier::new(processes);
    let begin = |which, store| {
        let rounds = (0..rounds).map(|round| {
            start.wait();
            // A store that panics must not keep the others waiting.
            catch_unwind(AssertUnwindSafe(|| step(which, round, store)))
        });
        rounds.collect::<Vec<_>>()
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let begin = &begin;
        let stores = stores.iter().enumerate();
        let threads: Vec<_> =
            stores.map(|(which, store)| scope.spawn(move || begin(which, store))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    outcomes.into_iter().map(|it| it.into_iter().map(Result::unwrap).collect()).collect()
}

/// The state of a dead event that can be processed.
const DEAD: State = State::Dead(DeadReason::LedgerFailed);

/// Returns a dead sample event, reprocessed.
fn decided_again(id: &str) -> Reprocess {
    let event = Event { state: DEAD, ..an_event(id) };
    Reprocess { from: DEAD, entry: Entry::decide_again(event) }
}
