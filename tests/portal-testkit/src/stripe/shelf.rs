//! Items in order of time, found by their id or page by page.

use std::collections::{BTreeMap, HashMap};

/// Items that have an id and a second of creation.
///
/// Items of one second stay in the order in which they were added.
pub(crate) struct Shelf<T> {
    things: BTreeMap<Place, T>,
    places: HashMap<String, Place>,
    put: u64,
}

/// The second, and the position within it.
type Place = (i64, u64);

/// A page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The first second.
    pub(crate) since: i64,
    /// The last second.
    pub(crate) until: i64,
    pub(crate) turn: PageCursor,
    pub(crate) limit: usize,
}

/// The start of a page.
#[derive(Clone, Debug)]
pub(crate) enum PageCursor {
    First,
    After(String),
    Before(String),
}

/// One page, the newest first.
pub(crate) struct Page<'a, T> {
    pub(crate) things: Vec<&'a T>,
    /// True if there are more in the direction of the request.
    pub(crate) has_more: bool,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { things: BTreeMap::new(), places: HashMap::new(), put: 0 }
    }
}

impl<T> Shelf<T> {
    pub(crate) fn put(&mut self, id: &str, created: i64, thing: T) {
        self.put += 1;
        let place = (created, self.put);
        self.places.insert(id.to_owned(), place);
        self.things.insert(place, thing);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.things.get(self.places.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.things.get_mut(self.places.get(id)?)
    }

    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.things.values()
    }

    /// Returns the page of the items that are `shown`; one that begins at an unknown id is empty.
    pub(crate) fn page(&self, wanted: &Wanted, shown: impl Fn(&T) -> bool) -> Page<'_, T> {
        let (mut from, mut to) = ((wanted.since, 0), (wanted.until.saturating_add(1), 0));
        let place = |id: &str| self.places.get(id).copied().unwrap_or_default();
        match &wanted.turn {
            PageCursor::First => {}
            PageCursor::After(id) => to = to.min(place(id)),
            PageCursor::Before(id) => {
                let (second, which) = place(id);
                from = from.max((second, which + 1));
            }
        }
        // A range from after its end would panic.
        let range = self.things.range(from..to.max(from)).map(|(_, it)| it).filter(|it| shown(it));
        let more_than_a_page = wanted.limit + 1;
        let mut things: Vec<_> = match wanted.turn {
            PageCursor::First | PageCursor::After(_) => {
                range.rev().take(more_than_a_page).collect()
            }
            PageCursor::Before(_) => range.take(more_than_a_page).collect(),
        };
        let has_more = things.len() > wanted.limit;
        things.truncate(wanted.limit);
        if matches!(wanted.turn, PageCursor::Before(_)) {
            things.reverse();
        }
        Page { things, has_more }
    }
}
