//! Whether settling keeps up with the intake, and how fast it is by itself.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::bench::{Bench, closed_loop};
use crate::run::{Failure, wait_for};
use crate::server::{self, Setup};

/// As many senders as keep the intake busiest.
const CONNECTIONS: usize = 256;

/// How long settling what was sent may take.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// Measures and prints both, with so many events.
pub(crate) fn run(
    bench: &mut Bench,
    program: &Path,
    folder: &Path,
    events: usize,
) -> Result<(), Failure> {
    let setup = Setup::new(program, folder, "settled")?;
    let server = setup.start()?;
    let requests = Arc::new(bench.requests(events));
    let intake = bench.wait_for(closed_loop::rate(setup.address, &requests, CONNECTIONS))?;
    let ended = Instant::now();
    let ledger = Ledger::open(&setup.database)?;
    let behind = ledger.unsettled()?;
    ledger.wait_until_settled()?;
    let drained = ended.elapsed().as_millis();
    server::stop(server)?;
    println!("\nsettling {events} events that come in over {CONNECTIONS} connections");
    println!("  taken in at {intake:.0}/s; then {behind} were not settled, for {drained} ms");

    setup.retry_everything()?;
    let again = ledger.unsettled()?;
    let server = setup.start()?;
    let (begun, left) = (Instant::now(), ledger.unsettled()?);
    ledger.wait_until_settled()?;
    let rate = f64::from(left) / begun.elapsed().as_secs_f64();
    server::stop(server)?;
    println!("  by itself: {rate:.0}/s (the last {left} of {again})");
    Ok(())
}

/// The database, read past the server.
struct Ledger(Connection);

impl Ledger {
    fn open(database: &Path) -> Result<Self, Failure> {
        Ok(Self(Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?))
    }

    fn unsettled(&self) -> Result<u32, Failure> {
        Ok(self.0.query_row("select count(*) from unsettled", [], |row| row.get(0))?)
    }

    fn wait_until_settled(&self) -> Result<(), Failure> {
        wait_for("everything to be settled", SETTLED_WITHIN, || {
            Ok((self.unsettled()? == 0).then_some(()))
        })
    }
}
