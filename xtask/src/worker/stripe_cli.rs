//! Stripe's own command line sends to the Worker.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::clients;
use crate::run::Failure;
use crate::worker::local::Local;
use crate::worker::receiver::start;

/// A payment of localstripe's arrives with all its events.
pub(crate) fn trigger(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    clients::npm()?;
    clients::pypi()?;
    let running = start(receiver, &[])?;
    clients::trigger(&receiver.webhook_url(), || inbox(receiver), folder)?;
    running.stop()
}

/// Each event in the inbox, as id and type, sorted.
fn inbox(receiver: &Local) -> Result<Vec<(String, String)>, Failure> {
    let file = receiver.database_file()?;
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = database.prepare("select id, type from event order by id, type")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
