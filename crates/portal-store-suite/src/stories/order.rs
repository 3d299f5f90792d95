//! The orders in which a story may be told, with what Stripe repeats and operators decide anew.

#![expect(clippy::expect_used, reason = "a store that fails fails the story")]

use std::sync::Arc;

use portal_domain::{Breakdown, Entry, Event, Reprocess, Selection, State, Store, Written};

use super::{Due, Story};
use crate::fixtures::{later, open, reprocess};
use crate::itemizing::itemized_donations;
use crate::samples::everything;
use crate::stripe::Told;

/// Every order of so many events is tried.
const ALL_ORDERS_MAX: usize = 5;

/// Of more events, so many orders.
const RANDOM_ORDERS: u64 = 200;

/// One order of a story's events, and the dice that say what is repeated.
#[derive(Clone, Debug)]
pub struct Order {
    title: &'static str,
    entries: Vec<Arc<Entry>>,
    fetched: Vec<Event>,
    due: Vec<Due>,
    seed: u64,
}

/// The orders in which to tell `story`, the order in which it happened first.
#[must_use]
pub fn orders(story: &Story) -> Vec<Order> {
    let known = |(n, told): (usize, &Told)| told.clone().known_as(&format!("evt_{n}"));
    let told: Vec<_> = story.told.iter().enumerate().map(known).collect();
    let entries: Vec<_> = told.iter().map(|it| Arc::new(Entry::decide(it.event()))).collect();
    let fetched: Vec<_> = told.iter().filter_map(Told::fetched).collect();
    let mut due = story.due.clone();
    due.sort();
    let mut all = Vec::new();
    if entries.len() <= ALL_ORDERS_MAX {
        permutations(&mut Vec::new(), &entries, &mut all);
    } else {
        all.push(entries.clone());
        all.extend((1..RANDOM_ORDERS).map(|seed| shuffled(&entries, seed)));
    }
    let order = |(seed, entries)| Order {
        title: story.title,
        entries,
        fetched: fetched.clone(),
        due: due.clone(),
        seed,
    };
    (0..).zip(all).map(order).collect()
}

impl Order {
    /// Tells the story in this order to a fresh store. `first` are the donations of the first order
    /// with their lines, to which all others come, times included.
    ///
    /// # Panics
    /// Where the donations are not those that are due, or their lines do not add up to them.
    pub async fn comes_to_what_is_due(
        &self,
        store: &dyn Store,
        first: &mut Option<(Vec<Breakdown>, Vec<String>)>,
    ) {
        self.tell(store).await;
        let ids: Vec<_> = self.entries.iter().map(|it| it.event().event_type.as_str()).collect();
        let donations = itemized_donations(store).await;
        let mut seen: Vec<Due> = donations.iter().map(|it| Due::from(&it.donation)).collect();
        seen.sort();
        assert_eq!(seen, self.due, "{}: {ids:?}, seed {}", self.title, self.seed);
        for event in store.events(&everything()).await.expect("events") {
            assert!(matches!(event.state, State::Processed | State::Ignored(_)), "{event:?}");
        }
        let mut open = open(store).await;
        open.sort();
        let (donations_first, open_first) =
            first.get_or_insert_with(|| (donations.clone(), open.clone()));
        assert_eq!(&donations, donations_first, "{}: {ids:?}", self.title);
        assert_eq!(&open, open_first, "{}: {ids:?}", self.title);
    }

    /// Delivers the events, some of them together; in between some come again, some are decided anew,
    /// and objects are fetched.
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

    /// Fetches the objects of events that only name them.
    async fn fetch(&self, store: &dyn Store, second: i64) {
        for awaiting in store.awaiting_object(u32::MAX, later(second)).await.expect("what is due") {
            let fetched = self.fetched.iter().find(|it| it.id == awaiting.event.id);
            let entry = Entry::decide(fetched.expect("its object").clone());
            let step = Reprocess { entry, from: State::AwaitingObject };
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
