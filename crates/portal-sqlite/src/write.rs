//! How a transaction is written: when it is on the disk, and for whom it waits.

use portal_domain::StoreError;
use rusqlite::Connection;

use crate::connection::{BUSY_TIMEOUT, GIVING_WAY, failed};
use crate::run::run;
use crate::sql::Statement;

/// How a transaction is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// It is on the disk when that returns, and waits for a lock as long as a delivery may.
    Now,
    /// It is on the disk when that returns, and gives way where somebody else has the lock: whoever
    /// writes this tries again by itself, and deliveries wait meanwhile.
    Beside,
}

impl Write {
    pub(crate) fn begin(self, connection: &Connection) -> Result<(), StoreError> {
        if self != Self::Now {
            connection.busy_timeout(GIVING_WAY).map_err(failed)?;
        }
        Ok(())
    }

    /// Not called after a failure, which closes the connection.
    pub(crate) fn end(self, connection: &Connection) -> Result<(), StoreError> {
        if self != Self::Now {
            connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        }
        Ok(())
    }
}

/// One transaction. Not rusqlite's `Transaction`, which prepares BEGIN and COMMIT anew each time;
/// where a step fails the connection is closed, and that rolls back.
pub(crate) fn atomically<T>(
    connection: &Connection,
    step: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    run(connection, &Statement::plain("begin immediate"))?;
    let done = step()?;
    run(connection, &Statement::plain("commit"))?;
    Ok(done)
}
