//! The orders in which a story may be told, with what Stripe repeats and operators try again.

#![expect(clippy::expect_used, reason = "a store that fails fails the story")]

use std::sync::Arc;

use portal_domain::settle::{LEASE, settle_due};
use portal_domain::{
    Donation, DonationFilter, Event, EventId, Remedy, Selection, State, Store, Supplied,
    UnixSeconds,
};

use super::{Due, Story};
use crate::samples::{at, everything};
use crate::stripe::{BEGIN, Told};

/// Every order of so many events is tried.
const ALL_ORDERS_MAX: usize = 5;

/// Of more events, so many orders.
const RANDOM_ORDERS: u64 = 200;

/// One order of a story's events, and the dice that say what is repeated.
#[derive(Clone, Debug)]
pub struct Order {
    title: &'static str,
    events: Vec<Arc<Event>>,
    supplied: Vec<(EventId, Supplied)>,
    due: Vec<Due>,
    seed: u64,
}

/// The orders in which to tell `story`, the order in which it happened first.
#[must_use]
pub fn orders(story: &Story) -> Vec<Order> {
    let known = |(n, told): (usize, &Told)| {
        let told = told.clone().known_as(&format!("evt_{n}"));
        (Arc::new(told.event()), told.supplied())
    };
    let known: Vec<_> = story.told.iter().enumerate().map(known).collect();
    let supplied = known.iter().filter_map(|(it, object)| Some((it.id.clone(), object.clone()?)));
    let supplied: Vec<_> = supplied.collect();
    let events: Vec<_> = known.into_iter().map(|it| it.0).collect();
    let mut due = story.due.clone();
    due.sort();
    let mut all = Vec::new();
    if events.len() <= ALL_ORDERS_MAX {
        permutations(&mut Vec::new(), &events, &mut all);
    } else {
        all.push(events.clone());
        all.extend((1..RANDOM_ORDERS).map(|seed| shuffled(&events, seed)));
    }
    let order = |(seed, events)| Order {
        title: story.title,
        events,
        supplied: supplied.clone(),
        due: due.clone(),
        seed,
    };
    (0..).zip(all).map(order).collect()
}

impl Order {
    /// Tells the story in this order to a fresh store. `first` are the donations of the first order,
    /// to which all others come, times included.
    ///
    /// # Panics
    /// Where the donations are not those that are due.
    pub async fn comes_to_what_is_due(
        &self,
        store: &dyn Store,
        first: &mut Option<(Vec<Donation>, Vec<String>)>,
    ) {
        let now = self.tell(store).await;
        while settled(store, u32::MAX, now).await > 0 {}
        let ids: Vec<_> = self.events.iter().map(|it| it.event_type.as_str()).collect();
        let filter = DonationFilter::default();
        let donations = store.donations(&filter, None, 100).await.expect("donations");
        let mut seen: Vec<Due> = donations.iter().map(Due::from).collect();
        seen.sort();
        assert_eq!(seen, self.due, "{}: {ids:?}, seed {}", self.title, self.seed);
        for event in store.events(&everything()).await.expect("events") {
            assert!(matches!(event.state, State::Done | State::Ignored(_)), "{event:?}");
        }
        let alerts = store.alerts(100).await.expect("alerts");
        let mut open: Vec<_> = alerts.into_iter().filter(|it| it.open).map(|it| it.key).collect();
        open.sort();
        let (donations_first, open_first) =
            first.get_or_insert_with(|| (donations.clone(), open.clone()));
        assert_eq!(&donations, donations_first, "{}: {ids:?}", self.title);
        assert_eq!(&open, open_first, "{}: {ids:?}", self.title);
    }

    /// Delivers the events; in between some come again, some are settled, some settled again.
    async fn tell(&self, store: &dyn Store) -> UnixSeconds {
        let mut dice = Dice(self.seed);
        let mut now = at(BEGIN + 100_000);
        for (n, event) in self.events.iter().enumerate() {
            store.record(std::slice::from_ref(event)).await.expect("recorded");
            let earlier = self.events.get(dice.below(n + 1)).expect("one of those");
            match dice.below(6) {
                0 => drop(store.record(std::slice::from_ref(earlier)).await.expect("repeated")),
                1 => drop(settled(store, 1, now).await),
                2 => {
                    let which = Selection { ids: vec![earlier.id.clone()], ..Selection::default() };
                    settled(store, u32::MAX, now).await;
                    store.apply(Remedy::Retry, &which, now).await.expect("tried again");
                }
                // Claimed by a process that dies.
                3 => drop(store.claim(1, LEASE, now).await.expect("claimed")),
                4 => self.fetch(store, now).await,
                _ => {}
            }
            now = at(now.get() + 30);
        }
        self.fetch(store, now).await;
        at(now.get() + 1000)
    }

    /// Fetches the objects of events that only name them.
    async fn fetch(&self, store: &dyn Store, now: UnixSeconds) {
        for event in store.waiting(u32::MAX, now).await.expect("what waits") {
            if let Some((id, supplied)) = self.supplied.iter().find(|it| it.0 == event.id) {
                store.supply(id, supplied, now).await.expect("supplied");
            }
        }
    }
}

async fn settled(store: &dyn Store, limit: u32, now: UnixSeconds) -> usize {
    settle_due(store, limit, now, 0).await.expect("settled").len()
}

fn permutations(begun: &mut Vec<Arc<Event>>, rest: &[Arc<Event>], all: &mut Vec<Vec<Arc<Event>>>) {
    if rest.is_empty() {
        all.push(begun.clone());
    }
    for (n, next) in rest.iter().enumerate() {
        let mut others = rest.to_vec();
        others.remove(n);
        begun.push(Arc::clone(next));
        permutations(begun, &others, all);
        begun.pop();
    }
}

fn shuffled(events: &[Arc<Event>], seed: u64) -> Vec<Arc<Event>> {
    let mut dice = Dice(seed);
    let mut shuffled = events.to_vec();
    for n in (1..shuffled.len()).rev() {
        shuffled.swap(n, dice.below(n + 1));
    }
    shuffled
}

/// Numbers that look random and are the same each time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides.max(1) as u64).unwrap_or_default()
    }
}
