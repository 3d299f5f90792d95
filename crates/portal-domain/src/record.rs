//! Recording in which no event costs another its acknowledgement.

use std::slice;
use std::sync::Arc;

use async_trait::async_trait;

use crate::entry::Entry;
use crate::event::State;
use crate::ports::{Inbox, Recorded, Reprocess, StoreError, Written};
use crate::time::UnixSeconds;

/// After so many events in a row that the store refused in any form, the store itself has failed.
const FAILED_IN_A_ROW_MAX: u32 = 3;

/// Records `entries` together, or one by one if the store refuses the batch.
///
/// An event whose changes alone cannot be written is recorded without them, as dead. Returns one
/// result for each entry, in the same order.
pub async fn record_all(
    store: &dyn Inbox,
    entries: &[Arc<Entry>],
    now: UnixSeconds,
) -> Vec<Result<Recorded, StoreError>> {
    write_all(store, entries, now).await
}

/// Works like [`record_all`] for recorded events that were decided again. Returns the state that
/// each has now; `None` if it was no longer in the state on which the decision was based.
pub async fn reprocess_all(
    store: &dyn Inbox,
    steps: &[Reprocess],
    now: UnixSeconds,
) -> Vec<Result<Option<State>, StoreError>> {
    write_all(store, steps, now).await
}

/// The values that one write takes together or one by one.
#[async_trait]
trait Step: Send + Sync + Sized {
    type Done: Send;

    async fn write(
        steps: &[Self],
        store: &dyn Inbox,
        now: UnixSeconds,
    ) -> Result<Vec<Self::Done>, StoreError>;

    /// Returns the value without its changes; `None` if there are no changes to leave out.
    fn without_changes(&self) -> Option<Self>;

    /// Returns the result of a value that was written without its changes because of `error`.
    fn done_without_changes(done: Self::Done, error: StoreError) -> Self::Done;
}

#[async_trait]
impl Step for Arc<Entry> {
    type Done = Recorded;

    async fn write(
        entries: &[Self],
        store: &dyn Inbox,
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        store.record(entries, now).await
    }

    fn without_changes(&self) -> Option<Self> {
        (!self.changes().is_empty()).then(|| Self::new(Entry::without_changes(self)))
    }

    fn done_without_changes(done: Recorded, error: StoreError) -> Recorded {
        match done {
            Recorded::New(_) => Recorded::WithoutChanges(error),
            // The write that was reported as failed had been committed.
            Recorded::WithoutChanges(_) | Recorded::Duplicate => done,
        }
    }
}

#[async_trait]
impl Step for Reprocess {
    type Done = Option<State>;

    async fn write(
        steps: &[Self],
        store: &dyn Inbox,
        now: UnixSeconds,
    ) -> Result<Vec<Option<State>>, StoreError> {
        let written = store.reprocess(steps, now).await?;
        let state = |(step, written): (&Self, Written)| {
            (written == Written::Applied).then_some(step.entry.event().state)
        };
        Ok(steps.iter().zip(written).map(state).collect())
    }

    /// The ledger already has the changes of a processed event, so a failed repetition loses
    /// nothing.
    fn without_changes(&self) -> Option<Self> {
        let may_die = self.from != State::Processed && !self.entry.changes().is_empty();
        may_die.then(|| Self { entry: self.entry.without_changes(), from: self.from })
    }

    fn done_without_changes(done: Option<State>, _: StoreError) -> Option<State> {
        done
    }
}

async fn write_all<S: Step>(
    store: &dyn Inbox,
    steps: &[S],
    now: UnixSeconds,
) -> Vec<Result<S::Done, StoreError>> {
    match S::write(steps, store, now).await {
        Ok(done) => done.into_iter().map(Ok).collect(),
        Err(error) if error.is_of_the_batch() => one_by_one(store, steps, now).await,
        Err(error) => steps.iter().map(|_| Err(error.clone())).collect(),
    }
}

async fn one_by_one<S: Step>(
    store: &dyn Inbox,
    steps: &[S],
    now: UnixSeconds,
) -> Vec<Result<S::Done, StoreError>> {
    let mut all = Vec::with_capacity(steps.len());
    let (mut in_a_row, mut store_fails) = (0, None);
    for step in steps {
        if let Some(error) = &store_fails {
            all.push(Err(StoreError::clone(error)));
            continue;
        }
        let done = alone(store, step, now).await;
        match &done {
            Ok(_) => in_a_row = 0,
            Err(error) => {
                in_a_row += 1;
                let ends = !error.is_of_the_batch() || in_a_row >= FAILED_IN_A_ROW_MAX;
                store_fails = ends.then(|| error.clone());
            }
        }
        all.push(done);
    }
    all
}

async fn alone<S: Step>(
    store: &dyn Inbox,
    step: &S,
    now: UnixSeconds,
) -> Result<S::Done, StoreError> {
    let error = match write_one(store, step, now).await {
        Err(error) if error.is_of_the_batch() => error,
        written => return written,
    };
    let Some(without) = step.without_changes() else { return Err(error) };
    let done = write_one(store, &without, now).await?;
    Ok(S::done_without_changes(done, error))
}

async fn write_one<S: Step>(
    store: &dyn Inbox,
    step: &S,
    now: UnixSeconds,
) -> Result<S::Done, StoreError> {
    S::write(slice::from_ref(step), store, now).await?.pop().ok_or(StoreError::Corrupt)
}
