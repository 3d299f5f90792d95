//! An inbox for where there is no database: the ids of the last events, as long as the isolate lives.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_domain::{Entry, EventId, Ready, Record, Recorded, Unavailable};

/// How many ids are remembered: some megabytes of the 128 that an isolate has. What comes again after
/// so many others, or to another isolate, is new again.
const IDS_MAX: usize = 65_536;

/// Remembers ids, the last ones only, and nothing else of an event.
#[derive(Default)]
pub(crate) struct RecentIds(Mutex<Ids>);

#[derive(Default)]
struct Ids {
    known: HashSet<Arc<EventId>>,
    /// The same, the oldest first.
    order: VecDeque<Arc<EventId>>,
}

#[async_trait]
impl Record for RecentIds {
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable> {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = ids.remember(&entry.event().id);
        Ok(if is_new { Recorded::New(entry.event().state) } else { Recorded::Duplicate })
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        Ok(Ready::default())
    }
}

impl Ids {
    /// Whether the id was not known yet.
    fn remember(&mut self, id: &EventId) -> bool {
        if self.known.contains(id) {
            return false;
        }
        if self.order.len() >= IDS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        let id = Arc::new(id.clone());
        self.known.insert(Arc::clone(&id));
        self.order.push_back(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::EventId;

    use super::{IDS_MAX, Ids};

    fn id(number: usize) -> EventId {
        EventId::new(&format!("evt_{number}")).unwrap()
    }

    #[test]
    fn a_repeat_is_known() {
        let mut ids = Ids::default();
        assert!(ids.remember(&id(1)));
        assert!(ids.remember(&id(2)));
        assert!(!ids.remember(&id(1)));
    }

    #[test]
    fn the_oldest_is_forgotten_first_and_there_is_never_more_than_the_limit() {
        let mut ids = Ids::default();
        for number in 0..=IDS_MAX {
            assert!(ids.remember(&id(number)));
        }
        assert_eq!((ids.known.len(), ids.order.len()), (IDS_MAX, IDS_MAX));
        assert!(!ids.remember(&id(1)));
        assert!(!ids.remember(&id(IDS_MAX)));
        assert!(ids.remember(&id(0)));
        assert!(ids.remember(&id(1)), "it was the oldest then");
    }
}
