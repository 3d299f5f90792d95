//! A connection for one purpose, made when it is needed, and made anew after a failure.

use portal_domain::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};

use crate::address::DatabaseAddress;
use crate::connection::{OpenConnection, Purpose, step_timeout};

/// A connection, where there is one now. Who comes while it is in use waits.
pub(crate) struct ClientSlot {
    address: DatabaseAddress,
    purpose: Purpose,
    /// Where sockets and timers live; the callers may be on any other executor.
    runtime: Handle,
    open: Mutex<Option<OpenConnection>>,
}

/// The connection, taken by one step.
pub(crate) struct Taken<'s> {
    pub(crate) open: OpenConnection,
    back: MutexGuard<'s, Option<OpenConnection>>,
}

impl ClientSlot {
    pub(crate) fn new(address: &DatabaseAddress, purpose: Purpose, runtime: &Handle) -> Self {
        let (address, runtime) = (address.clone(), runtime.clone());
        Self { address, purpose, runtime, open: Mutex::new(None) }
    }

    /// Takes the connection, or makes one.
    pub(crate) async fn take(&self) -> Result<Taken<'_>, StoreError> {
        let mut back = self.open.lock().await;
        let open = match back.take().filter(|it| !it.is_closed()) {
            Some(open) => open,
            None => self.connect().await?,
        };
        Ok(Taken { open, back })
    }

    async fn connect(&self) -> Result<OpenConnection, StoreError> {
        let opening = self.runtime.spawn(OpenConnection::new(self.address.clone(), self.purpose));
        opening.await.unwrap_or_else(|_| Err(StoreError::Unreachable))
    }

    /// For how long a step may take.
    pub(crate) fn timer(&self) -> impl Future<Output = ()> + Send + use<> {
        let _on_it = self.runtime.enter();
        tokio::time::sleep(step_timeout(self.purpose))
    }
}

impl Taken<'_> {
    /// Puts the connection back after success. On one that failed something may be left half done,
    /// and closing it undoes that.
    pub(crate) fn put_back(mut self) {
        *self.back = Some(self.open);
    }
}
