//! The longest that one read may take.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::{Clock, StoreError};
use rusqlite::Connection;

use crate::connection::failed;

/// The instructions of SQLite's between two looks at the clock: a tenth of a millisecond, or less.
const INSTRUCTIONS: i32 = 1000;

/// The longest that one read may take, by a clock.
#[derive(Clone)]
pub struct ReadLimit {
    pub clock: Arc<dyn Clock>,
    pub longest: Duration,
}

impl ReadLimit {
    /// Makes what `connection` does from now on end in time; until the next call, that is one read.
    pub(crate) fn begin(&self, connection: &Connection) -> Result<(), StoreError> {
        let clock = Arc::clone(&self.clock);
        let end = clock.monotonic() + self.longest;
        let is_over = move || clock.monotonic() >= end;
        connection.progress_handler(INSTRUCTIONS, Some(is_over)).map_err(failed)
    }
}
