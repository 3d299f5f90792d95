//! Runs the same steps on the store and its model, and compares both after each.

#![expect(clippy::expect_used, clippy::panic, reason = "a store that fails fails the test")]

use std::fmt;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::{
    DeadReason, DonationFilter, Entry, Event, IgnoredReason, Inbox as _, Jobs as _, OperatorAction,
    Reprocess, Selection, State, Store, StoreError,
};
use proptest::sample;
use proptest::test_runner::{Config, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest};

use super::inbox::Inbox;
use super::steps::{Answer, Fate, Plan, Sample, Step};
use super::universe::fetched;
use crate::fixtures::open;
use crate::lossy::{Call, Lossy};
use crate::samples::{at, everything};
use crate::store::itemizing::itemized_donations;
use crate::stripe::BEGIN;

/// The page size for selections of an operator: fewer than there are events.
const PAGE: u32 = 3;

/// The place of a store, in which it can be opened again.
pub trait Place {
    /// Returns a place with an empty store.
    fn fresh() -> Self;

    /// Returns the open store.
    fn store(&self) -> &dyn Store;

    /// Opens the store again, as a restarted service does.
    fn restart(&mut self);
}

/// The most steps of one case.
const STEPS_MAX: usize = 15;

/// The threads that share the cases: one would still be at them when all other tests have ended.
const THREADS: u32 = 4;

/// Takes random steps with a store and with its model, in as many cases as `PROPTEST_CASES` says.
///
/// # Panics
/// If the store says something else than the model; with the fewest steps that lead there.
pub fn compare<P: Place>() {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(compare_some::<P>);
        }
    });
}

fn compare_some<P: Place>() {
    let all = Config::default();
    let cases = all.cases.div_ceil(THREADS);
    let config = Config { failure_persistence: None, cases, ..all };
    let mut runner = TestRunner::new(config.clone());
    let cases = Plan::sequential_strategy(1..=STEPS_MAX);
    let ended = runner.run(&cases, |(start, steps, seen)| {
        Machine::<P>::test_sequential(config.clone(), start, steps, seen);
        Ok(())
    });
    if let Err(failure) = ended {
        panic!("{failure}\n{runner}");
    }
}

/// A store and its model.
struct Machine<P> {
    place: P,
    model: Inbox,
    decided: Vec<Reprocess>,
    now: i64,
}

impl<P> fmt::Debug for Machine<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<P: Place> StateMachineTest for Machine<P> {
    type SystemUnderTest = Self;
    type Reference = Plan;

    fn init_test(_: &Plan) -> Self {
        Self { place: P::fresh(), model: Inbox::default(), decided: vec![], now: BEGIN }
    }

    fn apply(mut it: Self, _: &Plan, step: Step) -> Self {
        it.take(step);
        it
    }

    fn check_invariants(it: &Self, _: &Plan) {
        it.says_what_the_model_says();
    }

    fn teardown(mut it: Self, _: Plan) {
        // After this time every postponed fetch is due.
        it.now += 1_000_000;
        it.fetch(u32::MAX, Answer::Object, Fate::Works);
        it.take(Step::Reprocess(None, Fate::Works));
        it.says_what_the_model_says();
        let store = it.place.store();
        let totals = block_on(store.totals(&DonationFilter::default()));
        assert_eq!(totals, Ok(it.model.books.totals()));
        let mut stored = block_on(store.events(&everything())).expect("events");
        stored.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(stored.iter().collect::<Vec<_>>(), it.model.events().collect::<Vec<_>>());
        for donation in it.model.books.donations() {
            assert_eq!(block_on(store.donation(&donation.id)), Ok(Some(donation)));
        }
    }
}

impl<P: Place> Machine<P> {
    fn says_what_the_model_says(&self) {
        let (store, now, all) = (self.place.store(), at(self.now), Selection::default());
        let backlog = self.model.backlog();
        assert_eq!(block_on(store.backlog()), Ok(backlog));
        let is_told = block_on(open(store)).iter().any(|it| it == EVENT_DEAD);
        let is_due = self.model.events().any(|it| it.state.is_unrepaired());
        assert_eq!(is_told, is_due, "{backlog:?}");
        let awaiting = block_on(store.awaiting_object(u32::MAX, now));
        assert_eq!(awaiting, Ok(self.model.awaiting_object(u32::MAX, now)));
        for action in [OperatorAction::Reprocess, OperatorAction::Ignore] {
            let due = self.model.events_for(action, &all).len() as u64;
            assert_eq!(block_on(store.count_for(action, &all)), Ok(due), "{action:?}");
        }
        let itemized = block_on(itemized_donations(store)).into_iter();
        let donations: Vec<_> = itemized.map(|it| it.donation).collect();
        assert_eq!(donations, self.model.books.donations());
        assert_eq!(block_on(store.check_ledger(9)), Ok(vec![]));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Deliver(which, fate) => {
                let entries: Vec<_> = which.iter().filter_map(|it| self.entry(*it)).collect();
                self.deliver(&entries, fate);
            }
            Step::DeliverDead(which, fate) => {
                let entry = self.entry(which).map(|it| Arc::new(it.without_changes()));
                self.deliver(entry.as_slice(), fate);
            }
            Step::Fetch(limit, answer, fate) => self.fetch(limit, answer, fate),
            Step::Decide(which) => {
                let decided = self.decide(which);
                self.decided.extend(decided);
            }
            Step::WriteDecided(fate) => {
                let decided = std::mem::take(&mut self.decided);
                self.write(&decided, fate);
            }
            Step::Reprocess(which, fate) => {
                let decided = self.decide(which);
                self.write(&decided, fate);
            }
            Step::Ignore(which, fate) => {
                let which = self.selection(which);
                let answer = block_on(self.lossy(fate).ignore(&which, at(self.now)));
                check(&answer, fate, || self.model.ignore(&which));
            }
            Step::Clock(seconds) => self.now = (self.now + seconds).max(BEGIN),
            Step::Restart => self.place.restart(),
        }
    }

    /// Returns a sample event received now.
    fn entry(&self, sample: Sample) -> Option<Arc<Entry>> {
        let event = sample.event()?.clone();
        Some(Arc::new(Entry::decide(Event { received_at: at(self.now), ..event })))
    }

    fn deliver(&mut self, entries: &[Arc<Entry>], fate: Fate) {
        let answer = block_on(self.lossy(fate).record(entries, at(self.now)));
        let model = &mut self.model;
        check(&answer, fate, || entries.iter().map(|it| model.deliver(it)).collect::<Vec<_>>());
    }

    /// Decides events again, page by page, as a retry does.
    fn decide(&self, which: Option<sample::Index>) -> Vec<Reprocess> {
        let (which, action) = (self.selection(which), OperatorAction::Reprocess);
        let due = self.model.events_for(action, &which);
        let mut events: Vec<Event> = vec![];
        while events.len() <= due.len() {
            let after = events.last().map(|it| &it.id);
            let page = self.place.store().events_for(action, &which, after, PAGE);
            let page = block_on(page).expect("a page");
            if page.is_empty() {
                break;
            }
            events.extend(page);
        }
        assert_eq!(events, due);
        let step =
            |event: Event| Reprocess { from: event.state, entry: Entry::decide_again(event) };
        events.into_iter().map(step).collect()
    }

    fn write(&mut self, steps: &[Reprocess], fate: Fate) {
        let answer = block_on(self.lossy(fate).reprocess(steps, at(self.now)));
        let model = &mut self.model;
        check(&answer, fate, || steps.iter().map(|it| model.reprocess(it)).collect::<Vec<_>>());
    }

    fn fetch(&mut self, limit: u32, answer: Answer, fate: Fate) {
        let awaiting = self.model.awaiting_object(limit, at(self.now));
        let seen = block_on(self.place.store().awaiting_object(limit, at(self.now)));
        assert_eq!(seen.as_ref(), Ok(&awaiting));
        for event in awaiting.into_iter().map(|it| it.event) {
            let from = event.state;
            let becomes = |state| Event { state, ..event.clone() };
            let event = match answer {
                Answer::Object => {
                    let fetched = fetched(&event.id).expect("an object").clone();
                    Event { received_at: event.received_at, ..fetched }
                }
                Answer::Missing => becomes(State::Dead(DeadReason::ObjectMissing)),
                Answer::Unneeded => becomes(State::Ignored(IgnoredReason::SnapshotRecorded)),
                Answer::Later(seconds) => {
                    let due_at = at(self.now + seconds);
                    let postponed = block_on(self.lossy(fate).postpone_fetch(&event.id, due_at));
                    check(&postponed, fate, || self.model.postpone(&event.id, due_at));
                    continue;
                }
            };
            let step = Reprocess { entry: Entry::decide(event), from };
            self.write(&[step], fate);
        }
    }

    /// Selects one of the events, or all.
    fn selection(&self, index: Option<sample::Index>) -> Selection {
        let delivered: Vec<_> = self.model.events().map(|it| it.id.clone()).collect();
        let one = index.filter(|_| !delivered.is_empty()).map(|it| it.get(&delivered).clone());
        Selection { ids: one.into_iter().collect(), ..Selection::default() }
    }

    fn lossy(&self, fate: Fate) -> Lossy<&dyn Store> {
        let lossy = Lossy::new(self.place.store());
        match fate {
            Fate::Works => {}
            Fate::AnswerLost => lossy.plan(Call::SavesThenFails(StoreError::Busy)),
            Fate::Fails => lossy.plan(Call::Fails(StoreError::Busy)),
        }
        lossy
    }
}

/// Compares the results. The model takes the step unless the store did nothing.
fn check<T: PartialEq + fmt::Debug>(
    answer: &Result<T, StoreError>,
    fate: Fate,
    step: impl FnOnce() -> T,
) {
    let due = match fate {
        Fate::Works => Ok(step()),
        Fate::AnswerLost => {
            drop(step());
            Err(StoreError::Busy)
        }
        Fate::Fails => Err(StoreError::Busy),
    };
    assert_eq!(answer, &due);
}
