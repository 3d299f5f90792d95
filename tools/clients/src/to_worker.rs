//! Stripe's own command line sends to the Worker.

use portal_harness::worker::{Bound, Local, start, with_receiver};
use rusqlite::{Connection, OpenFlags};
use xtask::run::Failure;
use xtask::worker::build_and_weigh;

use crate::trigger::trigger;

/// A payment of localstripe's arrives with all its events.
pub(crate) fn trigger_to_worker() -> Result<(), Failure> {
    build_and_weigh()?;
    with_receiver(Bound::ToD1, |receiver, folder| {
        let running = start(receiver, &[])?;
        trigger(&receiver.webhook_url(), || inbox(receiver), folder)?;
        running.stop()
    })
}

/// Each event in the inbox, as id and type, sorted.
fn inbox(receiver: &Local) -> Result<Vec<(String, String)>, Failure> {
    let file = receiver.database_file()?;
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = database.prepare("select id, type from event order by id, type")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
