//! One transaction: for whom it waits, and what it ends with.

use portal_domain::StoreError;
use rusqlite::Connection;

use crate::connection::{BUSY_TIMEOUT, GIVING_WAY, failed};
use crate::executor::Writing;
use crate::run::change;
use crate::sql::Statement;

/// Runs `step` as one transaction. Not rusqlite's `Transaction`, which prepares BEGIN and COMMIT anew
/// each time; where a step fails the connection is closed, and that rolls back.
pub(crate) fn transaction<T>(
    connection: &Connection,
    how: Writing,
    step: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if how == Writing::Beside {
        connection.busy_timeout(GIVING_WAY).map_err(failed)?;
    }
    change(connection, &Statement::plain("begin immediate"))?;
    let done = step(connection)?;
    change(connection, &Statement::plain("commit"))?;
    if how == Writing::Beside {
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    }
    Ok(done)
}
