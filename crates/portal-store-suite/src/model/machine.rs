//! The store and its model take the same steps, and say the same after each.

#![expect(clippy::expect_used, reason = "a store that fails fails the test")]

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures::executor::block_on;
use portal_domain::settle::{LEASE, settle_due, settlement};
use portal_domain::{
    Alert, Claimed, DeadReason, DonationFilter, Event, IgnoredReason, Recorded, Remedy, Selection,
    Settlement, Store, StoreError, Supplied, UnixSeconds, Verdict,
};
use proptest::sample;
use proptest_state_machine::StateMachineTest;

use super::inbox::Inbox;
use super::steps::{Answer, Fate, Plan, Sample, Step};
use super::universe::object_of;
use crate::lossy::{Call, Lossy};
use crate::samples::{at, everything};
use crate::stripe::BEGIN;

/// Where a store is, so that it can be opened anew.
pub trait Place {
    /// With nothing in it.
    fn fresh() -> Self;

    /// The store, open.
    fn store(&self) -> &dyn Store;

    /// The service ends and starts again.
    fn restart(&mut self);
}

/// The store and its model, side by side.
pub struct Machine<P> {
    place: P,
    model: Inbox,
    held: Vec<Claimed>,
    now: UnixSeconds,
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
        Self { place: P::fresh(), model: Inbox::default(), held: vec![], now: at(BEGIN) }
    }

    fn apply(mut it: Self, _: &Plan, step: Step) -> Self {
        it.take(step);
        it
    }

    fn check_invariants(it: &Self, _: &Plan) {
        it.says_what_the_model_says();
    }

    fn teardown(mut it: Self, _: Plan) {
        // Everything that was put off is due, and no lease is left.
        it.now = at(it.now.get() + 1_000_000);
        it.take(Step::SettleDue(u32::MAX));
        it.says_what_the_model_says();
        assert_eq!(block_on(it.place.store().backlog(it.now)).expect("a backlog").pending, 0);
        let totals = block_on(it.place.store().totals(&DonationFilter::default()));
        assert_eq!(totals, Ok(it.model.books.totals()));
        let mut stored = block_on(it.place.store().events(&everything())).expect("events");
        stored.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(stored.iter().collect::<Vec<_>>(), it.model.events().collect::<Vec<_>>());
        for donation in it.model.books.donations() {
            assert_eq!(block_on(it.place.store().donation(&donation.id)), Ok(Some(donation)));
        }
    }
}

impl<P: Place> Machine<P> {
    fn says_what_the_model_says(&self) {
        let store = self.place.store();
        assert_eq!(block_on(store.backlog(self.now)), Ok(self.model.backlog(self.now)));
        let waiting = block_on(store.waiting(u32::MAX, self.now));
        assert_eq!(waiting, Ok(self.model.waiting(u32::MAX, self.now)));
        let donations = block_on(store.donations(&DonationFilter::default(), None, u32::MAX));
        assert_eq!(donations, Ok(self.model.books.donations()));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Deliver(which, fate) => self.deliver(&which, fate),
            Step::Claim(limit) => {
                let claimed = block_on(self.place.store().claim(limit, LEASE, self.now));
                let claimed = claimed.expect("claimed");
                self.model.claimed(&claimed, limit, self.now);
                self.held.extend(claimed);
            }
            Step::ClaimInVain(fate) => {
                drop(block_on(self.lossy(fate).claim(u32::MAX, LEASE, self.now)));
                if fate != Fate::Fails {
                    let due = self.model.due(self.now);
                    self.model.taken(&due, u32::MAX, self.now);
                }
            }
            Step::SettleAll(fate) => {
                let settlements: Vec<_> = self.held.drain(..).map(|it| settlement(&it)).collect();
                self.settle(&settlements, fate);
            }
            Step::Settle(index, fate) => {
                if !self.held.is_empty() {
                    let held = index.get(&self.held);
                    self.settle(&[settlement(held)], fate);
                }
            }
            Step::PutOff(index, seconds) => {
                if !self.held.is_empty() {
                    let held = index.get(&self.held);
                    let verdict = Verdict::Retry { at: at(self.now.get() + seconds) };
                    let put_off = Settlement { verdict, ..settlement(held) };
                    self.settle(&[put_off], Fate::Works);
                }
            }
            Step::Die => self.held.clear(),
            Step::SettleDue(limit) => self.settle_due(limit),
            Step::Fetch(limit, answer, fate) => self.fetch(limit, answer, fate),
            Step::Clock(seconds) => self.now = at((self.now.get() + seconds).max(BEGIN)),
            Step::Apply(remedy, which, fate) => self.operate(remedy, which, fate),
            Step::Restart => self.place.restart(),
        }
    }

    fn deliver(&mut self, which: &[Sample], fate: Fate) {
        let received =
            |event: &Arc<Event>| Arc::new(Event { received_at: self.now, ..Event::clone(event) });
        let batch: Vec<_> = which.iter().filter_map(|it| it.event()).map(received).collect();
        let answer = block_on(self.lossy(fate).record(&batch));
        if fate != Fate::Fails {
            let recorded: Vec<Recorded> = batch.iter().map(|it| self.model.deliver(it)).collect();
            check(&answer, fate, recorded);
        }
    }

    fn settle(&mut self, settlements: &[Settlement], fate: Fate) {
        let answer = block_on(self.lossy(fate).settle(settlements, self.now));
        if fate != Fate::Fails {
            let settled: Vec<_> = settlements.iter().map(|it| self.model.settle(it)).collect();
            check(&answer, fate, settled);
        }
    }

    fn settle_due(&mut self, limit: u32) {
        let outcomes = block_on(settle_due(self.place.store(), limit, self.now, 0));
        let outcomes = outcomes.expect("settled");
        let claims: Vec<_> = outcomes
            .iter()
            .map(|it| Claimed { event: it.event.clone(), lease: portal_domain::Lease(i64::MAX) })
            .collect();
        let taken: Vec<_> = claims.iter().map(|it| it.event.id.clone()).collect();
        self.model.taken(&taken, limit, self.now);
        for claimed in &claims {
            self.model.settle_claimed(&settlement(claimed));
        }
    }

    fn fetch(&mut self, limit: u32, answer: Answer, fate: Fate) {
        let waiting = self.model.waiting(limit, self.now);
        assert_eq!(block_on(self.place.store().waiting(limit, self.now)).as_ref(), Ok(&waiting));
        for event in waiting {
            let supplied = supplied(&event, answer, self.now);
            let settled = block_on(self.lossy(fate).supply(&event.id, &supplied, self.now));
            if fate != Fate::Fails {
                check(&settled, fate, self.model.supply(&event.id, &supplied, self.now));
            }
        }
    }

    fn operate(&mut self, remedy: Remedy, index: Option<sample::Index>, fate: Fate) {
        let delivered: Vec<_> = self.model.events().map(|it| it.id.clone()).collect();
        let ids: Vec<_> = match index {
            Some(_) if delivered.is_empty() => return,
            Some(index) => vec![index.get(&delivered).clone()],
            None => vec![],
        };
        let which = Selection { ids: ids.clone(), ..Selection::default() };
        let eligible = block_on(self.place.store().eligible(remedy, &which));
        let answer = block_on(self.lossy(fate).apply(remedy, &which, self.now));
        if fate != Fate::Fails {
            let all: BTreeSet<_> =
                if ids.is_empty() { delivered } else { ids }.into_iter().collect();
            let changed = self.model.apply(remedy, |it| all.contains(&it.id), self.now);
            assert_eq!(eligible, Ok(changed));
            check(&answer, fate, changed);
        }
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

fn supplied(event: &Event, answer: Answer, now: UnixSeconds) -> Supplied {
    match answer {
        Answer::Object => object_of(&event.id).expect("an object").clone(),
        Answer::Later(seconds) => Supplied::Later { at: at(now.get() + seconds) },
        Answer::Missing => {
            let reason = DeadReason::ObjectMissing;
            let (id, event_type) = (event.id.clone(), event.event_type.clone());
            Supplied::Dead { reason, alert: Alert::EventDead { event: id, event_type, reason } }
        }
        Answer::Unneeded => Supplied::Ignored(IgnoredReason::SnapshotRecorded),
    }
}

fn check<T: PartialEq + fmt::Debug>(answer: &Result<T, StoreError>, fate: Fate, due: T) {
    let due = if fate == Fate::Works { Ok(due) } else { Err(StoreError::Busy) };
    assert_eq!(answer, &due);
}
