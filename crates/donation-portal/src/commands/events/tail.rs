//! `donation-portal events list --tail`: events as they are recorded.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::time::Duration;

use portal_domain::{Event, EventFilter, EventId, Store, StoreError};

use crate::commands::{reading_inbox, wait_for, waiting};
use crate::exit::Failure;
use crate::output::{self, printing};
use crate::serve::Signals;

/// The time between two reads.
const INTERVAL: Duration = Duration::from_secs(1);

/// The number of the last events that are read again: of two that are recorded at the same time, the
/// one that began first may be committed last.
const OVERLAP: u32 = 100;

/// The number of events of one read; of more between two reads only the last are shown.
const READ_MAX: u32 = 2000;

/// Shows the last events that `filter` selects, then new ones until a signal comes or nobody reads
/// the output. An event is shown once.
pub(super) fn run(
    store: &dyn Store,
    filter: EventFilter,
    show: &dyn Fn(&Event) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error| Failure::could_not(printing(), error);
    wait_for(async {
        let mut signals =
            Signals::listen().map_err(|error| Failure::could_not(waiting(), error))?;
        let last = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let mut read = EventFilter { limit: filter.limit.max(OVERLAP), ..filter };
        let mut seen = HashSet::new();
        let mut is_first = true;
        loop {
            let begin = begin_of_next(store).await?;
            let events = store.events(&read).await.map_err(|error| unreadable(&error))?;
            if !is_first && events.len() >= READ_MAX as usize {
                output::note("more events come in than are shown");
            }
            let shown = if is_first { last } else { usize::MAX };
            let new: Vec<_> =
                events.iter().take(shown).filter(|it| !seen.contains(&it.id)).collect();
            for event in new.into_iter().rev() {
                match show(event) {
                    // Nobody reads on, as `head` does.
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                    printed => printed.map_err(failed)?,
                }
            }
            seen = events.into_iter().map(|it| it.id).collect();
            read = EventFilter { after: begin, limit: READ_MAX, ..read };
            is_first = false;
            tokio::select! {
                () = signals.next() => return Ok(()),
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    })?
}

/// Returns the event after which the next read begins, or `None` for the first one of the inbox.
async fn begin_of_next(store: &dyn Store) -> Result<Option<EventId>, Failure> {
    let last =
        store.events(&EventFilter::latest(OVERLAP)).await.map_err(|error| unreadable(&error))?;
    let is_all = last.len() < OVERLAP as usize;
    Ok(if is_all { None } else { last.into_iter().last().map(|it| it.id) })
}

fn unreadable(error: &StoreError) -> Failure {
    Failure::could_not(reading_inbox(), error).with(error)
}
