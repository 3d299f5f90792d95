//! Whether settling keeps up with the intake, and how fast it is by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bench::{Bench, closed_loop};
use crate::run::{Background, Failure};
use crate::server::{self, Setup};

/// As many senders as keep the intake busiest.
const CONNECTIONS: usize = 256;

/// How long settling what was sent may take.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// Measures and prints both, with so many events and with `replicas` of one database.
pub(crate) fn run(bench: &mut Bench, replicas: &[&Setup], events: usize) -> Result<(), Failure> {
    let first = replicas.first().ok_or("no server")?;
    let addresses = replicas.iter().map(|setup| setup.address).collect::<Vec<_>>();
    let servers = start(replicas)?;
    let requests = Arc::new(bench.requests(events));
    let ledger = first.database.open()?;
    let intake = bench.wait_for(closed_loop::rate(&addresses, &requests, CONNECTIONS))?;
    let ended = Instant::now();
    let behind = ledger.unsettled()?;
    ledger.wait_until_settled(SETTLED_WITHIN)?;
    let drained = ended.elapsed().as_millis();
    servers.into_iter().try_for_each(server::stop)?;
    let count = replicas.len();
    println!(
        "\nsettling {events} events that come in over {CONNECTIONS} connections; servers: {count}"
    );
    println!("  taken in at {intake:.0}/s; then {behind} were not settled, for {drained} ms");

    first.retry_everything()?;
    let again = ledger.unsettled()?;
    let servers = start(replicas)?;
    let (begun, left) = (Instant::now(), ledger.unsettled()?);
    ledger.wait_until_settled(SETTLED_WITHIN)?;
    let rate = f64::from(u32::try_from(left)?) / begun.elapsed().as_secs_f64();
    servers.into_iter().try_for_each(server::stop)?;
    println!("  by themselves: {rate:.0}/s (the last {left} of {again})");
    Ok(())
}

fn start(replicas: &[&Setup]) -> Result<Vec<Background>, Failure> {
    replicas.iter().map(|setup| setup.start()).collect()
}
