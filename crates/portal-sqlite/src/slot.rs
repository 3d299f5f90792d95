//! Connections that are opened when they are needed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use portal_domain::StoreError;
use rusqlite::Connection;

use crate::connection::{AccessMode, OpenDatabase};
use crate::read_limit::ReadLimit;

/// A connection to the file, where there is one now.
pub(crate) struct ConnectionSlot {
    path: PathBuf,
    purpose: AccessMode,
    open: Mutex<Option<OpenDatabase>>,
    limit: Option<ReadLimit>,
}

impl ConnectionSlot {
    pub(crate) fn new(path: &Path, purpose: AccessMode, open: Option<OpenDatabase>) -> Self {
        Self { path: path.to_owned(), purpose, open: Mutex::new(open), limit: None }
    }

    /// The same, whose steps end with [`StoreError::TimedOut`] once they reach the limit.
    pub(crate) fn with_limit(self, limit: &ReadLimit) -> Self {
        Self { limit: Some(limit.clone()), ..self }
    }

    /// Runs `step` on the connection, which is opened where there is none.
    pub(crate) fn with<T>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, and put back only after success: a connection that failed is closed.
        let open = match slot.take() {
            Some(open) => open,
            None => OpenDatabase::new(&self.path, self.purpose)?,
        };
        open.check_not_moved()?;
        if let Some(limit) = &self.limit {
            limit.begin(&open.connection)?;
        }
        let done = step(&open.connection)?;
        // Again, because the step may have waited for a lock while the file was moved.
        open.check_not_moved()?;
        *slot = Some(open);
        Ok(done)
    }

    /// Closes the connection, unless somebody uses it.
    pub(crate) fn close(&self) {
        if let Ok(mut open) = self.open.try_lock() {
            *open = None;
        }
    }
}
