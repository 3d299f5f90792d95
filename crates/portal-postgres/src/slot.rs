//! A connection for one purpose, opened when it is needed, and again after an error.

use portal_domain::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};

use crate::address::DatabaseAddress;
use crate::connection::{OpenConnection, Purpose, step_timeout};
use crate::schema;

/// The place of a connection, which may be closed. Steps that need it wait for each other.
pub(crate) struct ClientSlot {
    address: DatabaseAddress,
    purpose: Purpose,
    /// The runtime of sockets and timers; callers may be on any other executor.
    runtime: Handle,
    open: Mutex<Option<OpenConnection>>,
}

/// The connection while one step uses it.
pub(crate) struct Taken<'s> {
    pub(crate) open: OpenConnection,
    back: MutexGuard<'s, Option<OpenConnection>>,
}

impl ClientSlot {
    pub(crate) fn new(address: &DatabaseAddress, purpose: Purpose, runtime: &Handle) -> Self {
        let (address, runtime) = (address.clone(), runtime.clone());
        Self { address, purpose, runtime, open: Mutex::new(None) }
    }

    /// Takes the connection, and opens it if it is closed.
    pub(crate) async fn take(&self) -> Result<Taken<'_>, StoreError> {
        let mut back = self.open.lock().await;
        let open = match back.take().filter(|it| !it.is_closed()) {
            Some(open) => open,
            None => self.connect().await?,
        };
        Ok(Taken { open, back })
    }

    async fn connect(&self) -> Result<OpenConnection, StoreError> {
        let opening = self.runtime.spawn(schema::connect(self.address.clone(), self.purpose));
        opening.await.unwrap_or_else(|_| Err(StoreError::Unreachable))
    }

    /// Returns a timer that ends when a step has taken too long.
    pub(crate) fn timer(&self) -> impl Future<Output = ()> + Send + use<> {
        let _on_it = self.runtime.enter();
        tokio::time::sleep(step_timeout(self.purpose))
    }
}

impl Taken<'_> {
    /// Puts the connection back after success. After an error it is dropped instead, which closes the
    /// connection and rolls back an open transaction.
    pub(crate) fn put_back(mut self) {
        *self.back = Some(self.open);
    }
}
