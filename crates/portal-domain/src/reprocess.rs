//! Reprocessing: recorded events are decided again from their stored facts, on an operator's
//! command.

use crate::entry::Entry;
use crate::event::{Event, State};
use crate::ids::EventId;
use crate::ports::{Inbox, OperatorAction, Reprocess, Selection, StoreError};
use crate::record::reprocess_all;
use crate::time::UnixSeconds;

/// The number of events that one step of the store reprocesses.
const PAGE: u32 = 200;

/// The event after reprocessing, or the reason why the store could not write it.
pub type ReprocessOutcome = Result<Event, StoreError>;

/// Reprocesses one page of the selected events, in the order of recording. `last` is the last event
/// of the page before. An event that was changed in the meantime is skipped.
///
/// # Errors
/// [`StoreError`] if the store fails to read.
pub async fn reprocess_page(
    store: &dyn Inbox,
    which: &Selection,
    last: Option<&EventId>,
    now: UnixSeconds,
) -> Result<ReprocessedPage, StoreError> {
    let events = store.events_for(OperatorAction::Reprocess, which, last, PAGE).await?;
    let last = events.last().map(|it| it.id.clone());
    Ok(ReprocessedPage { outcomes: reprocess_read(store, events, now).await, last })
}

/// Reprocesses events as they were read. One that was changed in the meantime is skipped.
pub async fn reprocess_read(
    store: &dyn Inbox,
    events: Vec<Event>,
    now: UnixSeconds,
) -> Vec<ReprocessOutcome> {
    let step = |event: Event| {
        let from = event.state;
        Reprocess { entry: Entry::decide_again(event), from }
    };
    let steps: Vec<_> = events.into_iter().map(step).collect();
    let mut outcomes = Vec::new();
    for page in steps.chunks(PAGE as usize) {
        let written = reprocess_all(store, page, now).await;
        let outcome = |(step, written): (&Reprocess, Result<Option<State>, StoreError>)| {
            let event = |state| Event { state, ..step.entry.event().clone() };
            written.map(|it| it.map(event)).transpose()
        };
        outcomes.extend(page.iter().zip(written).filter_map(outcome));
    }
    outcomes
}

/// The result of one page.
pub struct ReprocessedPage {
    pub outcomes: Vec<ReprocessOutcome>,
    /// The last event of the page; `None` if the page was empty and the work is done.
    pub last: Option<EventId>,
}
