//! Reprocessing: what an operator has decided anew, from the facts that were kept.

use crate::entry::Entry;
use crate::event::{Event, State};
use crate::ids::EventId;
use crate::ports::{Inbox, OperatorAction, Reprocess, Selection, StoreError};
use crate::record::reprocess_all;
use crate::time::UnixSeconds;

/// How many events are reprocessed in one step of the store.
const PAGE: u32 = 200;

/// One event that was reprocessed, as it is now; or why the store could not write it.
pub type ReprocessOutcome = Result<Event, StoreError>;

/// Reprocesses the selected events page by page, the first recorded first. `last` is that of the page
/// before, where there was one. An event that somebody else changed meanwhile is passed over.
///
/// # Errors
/// Where the store failed to read.
pub async fn reprocess_page(
    store: &dyn Inbox,
    which: &Selection,
    last: Option<&EventId>,
    now: UnixSeconds,
) -> Result<ReprocessedPage, StoreError> {
    let events = store.events_for(OperatorAction::Reprocess, which, last, PAGE).await?;
    let last = events.last().map(|it| it.id.clone());
    let step = |event: Event| {
        let from = event.state;
        Reprocess { entry: Entry::decide_again(event), from }
    };
    let steps: Vec<_> = events.into_iter().map(step).collect();
    let written = reprocess_all(store, &steps, now).await;
    let outcome = |(step, written): (Reprocess, Result<Option<State>, StoreError>)| match written {
        Ok(state) => state.map(|state| Ok(Event { state, ..step.entry.event().clone() })),
        Err(error) => Some(Err(error)),
    };
    Ok(ReprocessedPage {
        outcomes: steps.into_iter().zip(written).filter_map(outcome).collect(),
        last,
    })
}

/// What one page came to.
pub struct ReprocessedPage {
    /// Of each event.
    pub outcomes: Vec<ReprocessOutcome>,
    /// The last one; `None` where the page was empty, and all have been reprocessed.
    pub last: Option<EventId>,
}
