//! The orders of a story's events, with repeats and reprocessing.

#![expect(clippy::expect_used, reason = "a store that fails fails the story")]

use std::sync::Arc;

use portal_domain::{
    Breakdown, Donation, DonationFilter, Entry, Event, Reprocess, Selection, State, Store, Written,
};

use super::{Expected, ExpectedDonation, Scenario};
use crate::fixtures::{later, open, reprocess, totals_of};
use crate::samples::everything;
use crate::store::itemizing::itemized_donations;
use crate::stripe::Told;

/// An order of a story's events, and the random numbers that choose the repeats.
#[derive(Clone, Debug)]
pub struct Order {
    title: String,
    entries: Vec<Arc<Entry>>,
    fetched: Vec<Event>,
    expected: Expected,
    seed: u64,
}

/// Returns the orders of `scenario`: all of them, or `most`. The first is the order in which the events
/// happened.
pub(crate) fn orders(scenario: impl Into<Scenario>, most: u64) -> Vec<Order> {
    let Scenario { title, told, mut expected } = scenario.into();
    let told: Vec<_> = told.into_iter().enumerate().map(|(n, it)| it.numbered(n)).collect();
    let entries: Vec<_> = told.iter().map(|it| Arc::new(Entry::decide(it.event()))).collect();
    let fetched: Vec<_> = told.iter().filter_map(Told::fetched).collect();
    expected.donations.iter_mut().for_each(|due| due.sort());
    let mut all = Vec::new();
    let count = (1..).zip(&entries).try_fold(1_u64, |count, (n, _)| count.checked_mul(n));
    if count.is_some_and(|count| count <= most) {
        permutations(&mut Vec::new(), &entries, &mut all);
    } else {
        all.push(entries.clone());
        all.extend((1..most).map(|seed| shuffled(&entries, seed)));
    }
    let order = |(seed, entries)| Order {
        title: title.clone(),
        entries,
        fetched: fetched.clone(),
        expected: expected.clone(),
        seed,
    };
    (0..).zip(all).map(order).collect()
}

impl Order {
    /// Runs the story in this order on a fresh store. `first` are the donations of the first order with
    /// their lines, which all other orders must equal, including times, unless the result depends on
    /// the order.
    ///
    /// # Panics
    /// If donations, totals, states or alerts are not the expected ones, or the lines do not add up to
    /// the donations.
    pub async fn comes_to_what_is_due(
        &self,
        store: &dyn Store,
        first: &mut Option<(Vec<Breakdown>, Vec<String>)>,
    ) {
        self.tell(store).await;
        let types: Vec<_> = self.entries.iter().map(|it| it.event().event_type.as_str()).collect();
        let itemized = itemized_donations(store).await;
        let donations: Vec<Donation> = itemized.iter().map(|it| it.donation.clone()).collect();
        self.expect_donations(&donations, &types);
        let totals = store.totals(&DonationFilter::default()).await;
        let certain = donations.iter().filter(|it| !it.provisional);
        assert_eq!(totals, Ok(totals_of(certain)), "{}: {types:?}", self.title);
        for event in store.events(&everything()).await.expect("events") {
            assert!(
                self.expected.states.contains(&event.state.name()),
                "{}: {event:?}",
                self.title
            );
        }
        let mut open = open(store).await;
        open.sort();
        if let Some(alerts) = &self.expected.alerts {
            assert_eq!(&open, alerts, "{}: {types:?}", self.title);
        }
        if let [_] = self.expected.donations.as_slice() {
            let here = (itemized, open);
            assert_eq!(
                &here,
                first.get_or_insert_with(|| here.clone()),
                "{}: {types:?}",
                self.title
            );
        }
    }

    /// Compares `donations` with each of the allowed lists; a failure shows the first of them.
    fn expect_donations(&self, donations: &[Donation], types: &[&str]) {
        let seen = |due: &[ExpectedDonation]| {
            let mut seen: Vec<_> =
                donations.iter().map(|it| ExpectedDonation::seen(it, due)).collect();
            seen.sort();
            seen
        };
        let lists = &self.expected.donations;
        if let (false, Some(due)) = (lists.iter().any(|due| seen(due) == *due), lists.first()) {
            assert_eq!(&seen(due), due, "{}: {types:?}, seed {}", self.title, self.seed);
        }
    }

    /// Records the events, some of them together; in between some are repeated, some reprocessed, and
    /// objects are fetched.
    async fn tell(&self, store: &dyn Store) {
        let mut dice = Dice(self.seed);
        let (mut told, mut second) = (0, 100_000);
        while let Some(rest) = self.entries.get(told..).filter(|it| !it.is_empty()) {
            let together = rest.chunks(1 + dice.below(2)).next().expect("one at least");
            store.record(together, later(second)).await.expect("recorded");
            told += together.len();
            let earlier = self.entries.get(dice.below(told)).expect("one of those");
            match dice.below(5) {
                0 => {
                    let again = self.entries.get(..told).expect("all so far");
                    store.record(again, later(second)).await.expect("repeated");
                }
                1 => {
                    let which = [earlier.event().id.clone()].into();
                    let which = Selection { ids: which, ..Selection::default() };
                    reprocess(store, &which, later(second)).await;
                }
                2 => self.fetch(store, second).await,
                _ => {}
            }
            second += 30;
        }
        self.fetch(store, second).await;
    }

    /// Fetches the objects of thin events.
    async fn fetch(&self, store: &dyn Store, second: i64) {
        for awaiting in store.awaiting_object(u32::MAX, later(second)).await.expect("what is due") {
            let fetched = self.fetched.iter().find(|it| it.id == awaiting.event.id);
            let Some(fetched) = fetched else { continue };
            let entry = Entry::decide(fetched.clone());
            let step = Reprocess { entry, from: State::AwaitingObject { was_dead: false } };
            let written = store.reprocess(&[step], later(second)).await;
            assert_eq!(written, Ok(vec![Written::Applied]));
        }
    }
}

fn permutations(begun: &mut Vec<Arc<Entry>>, rest: &[Arc<Entry>], all: &mut Vec<Vec<Arc<Entry>>>) {
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

fn shuffled(entries: &[Arc<Entry>], seed: u64) -> Vec<Arc<Entry>> {
    let mut dice = Dice(seed);
    let mut shuffled = entries.to_vec();
    for n in (1..shuffled.len()).rev() {
        shuffled.swap(n, dice.below(n + 1));
    }
    shuffled
}

/// Pseudo-random numbers with a fixed seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides.max(1) as u64).unwrap_or_default()
    }
}
