//! A store whose failures are planned.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use async_trait::async_trait;
use portal_domain::{Event, EventFilter, EventId, Recorded, Store, StoreError, UnixSeconds};

/// A store in front of another one, whose calls fail as the test has planned.
///
/// Each call, of whatever method, takes the next plan; without one it works. A plan that is left in
/// the end fails the test, because the failure that it was about never happened.
pub struct Lossy<S> {
    store: S,
    planned: Mutex<VecDeque<Call>>,
}

/// What becomes of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// The store does it and says so.
    Works,
    /// The store does it, and the caller is told that it failed: a lost acknowledgement.
    SavesThenFails(StoreError),
    /// The store does nothing.
    Fails(StoreError),
}

impl<S> Lossy<S> {
    /// Stands in front of `store`, a pointer to one: `&dyn Store`, `Arc<dyn Store>`, `Box<…>`.
    pub fn new(store: S) -> Self {
        Self { store, planned: Mutex::default() }
    }

    /// Plans the call after those that are planned already.
    pub fn plan(&self, call: Call) {
        self.planned().push_back(call);
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + Sync> Lossy<S> {
    async fn call<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let planned = self.planned().pop_front();
        match planned {
            None | Some(Call::Works) => step.await,
            Some(Call::SavesThenFails(error)) => step.await.and(Err(error)),
            Some(Call::Fails(error)) => Err(error),
        }
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Store for Lossy<S> {
    async fn record(&self, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError> {
        self.call(self.store.record(events)).await
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.call(self.store.event(id)).await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.call(self.store.events(filter)).await
    }

    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.call(self.store.ping(now)).await
    }
}

impl<S> Drop for Lossy<S> {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_eq!(*self.planned(), [], "planned, and never called");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Lossy};

    #[test]
    #[should_panic(expected = "planned, and never called")]
    fn a_plan_that_nobody_met_fails_the_test() {
        Lossy::new(()).plan(Call::Works);
    }
}
