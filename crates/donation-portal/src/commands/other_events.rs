//! Samples go into no database that has other events, unless told in so many words.

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{Event, EventFilter, OperatorAction, Selection, Store, text};

use super::finish;
use crate::exit::Failure;
use crate::samples::EVENT_PREFIX;

/// The number of events that are looked at from either end: one that is no sample is found among
/// them, unless there have been many samples before and after it.
const LOOKED_AT: u32 = 1000;

/// Events of a database that are no samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherEvents {
    None,
    /// In test mode only.
    Test,
    Live,
}

/// Looks for events that are neither samples nor test deliveries of `doctor`.
pub(crate) fn other_events(store: &dyn Store) -> Result<OtherEvents, Failure> {
    let what = || text!("look for other events than samples", "サンプル以外のイベントを探せません");
    let filter = EventFilter::latest(LOOKED_AT);
    let mut events = finish(what(), store.events(&filter))?;
    let (all, which) = (OperatorAction::Reprocess, Selection::default());
    events.extend(finish(what(), store.events_for(all, &which, None, LOOKED_AT))?);
    Ok(judge(&events))
}

fn judge(events: &[Event]) -> OtherEvents {
    let is_other = |event: &&Event| {
        !event.id.as_str().starts_with(EVENT_PREFIX) && event.event_type.as_str() != DOCTORS_TYPE
    };
    let mut others = events.iter().filter(is_other).peekable();
    if others.peek().is_none() {
        OtherEvents::None
    } else if others.any(|it| it.livemode) {
        OtherEvents::Live
    } else {
        OtherEvents::Test
    }
}
