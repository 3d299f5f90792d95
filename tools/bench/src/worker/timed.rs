//! A closed loop for a fixed time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http::Connection;
use tokio::task::JoinSet;
use xtask::chance::Chance;
use xtask::run::Failure;

use crate::closed_loop::expect_ok;

/// What was answered 200, and when.
pub(crate) struct Outcome {
    /// How many in each quarter of the time.
    pub(crate) quarters: [u64; 4],
    /// In microseconds.
    pub(crate) latencies: Histogram<u64>,
}

/// Makes requests as they are needed: those of a minute would not fit into memory.
struct Source {
    deliveries: Deliveries,
    ids: Mutex<Ids>,
}

/// Sends for `duration` over `connections`, each request an event of its own.
pub(crate) async fn timed(
    address: SocketAddr,
    connections: usize,
    duration: Duration,
) -> Result<Outcome, Failure> {
    let ids = Mutex::new(Ids::new(IdShape::Stripe, Chance::fresh_seed()));
    let source = Arc::new(Source { deliveries: Deliveries::new()?, ids });
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(address).await?);
    }
    let (started, mut senders) = (Instant::now(), JoinSet::new());
    for connection in opened {
        senders.spawn(send(connection, Arc::clone(&source), started, duration));
    }
    let mut outcome = Outcome::new()?;
    while let Some(ended) = senders.join_next().await {
        outcome.add(&ended??)?;
    }
    Ok(outcome)
}

async fn send(
    mut connection: Connection,
    source: Arc<Source>,
    started: Instant,
    duration: Duration,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::new()?;
    while started.elapsed() < duration {
        let request = source.request();
        let sent = Instant::now();
        expect_ok(&mut connection, &request).await?;
        outcome.latencies.record(u64::try_from(sent.elapsed().as_micros())?)?;
        let quarter = started.elapsed().as_micros() * 4 / duration.as_micros().max(1);
        // What is answered after the end belongs to none.
        if let Some(count) = outcome.quarters.get_mut(usize::try_from(quarter)?) {
            *count += 1;
        }
    }
    Ok(outcome)
}

impl Source {
    fn request(&self) -> Vec<u8> {
        let id = self.ids.lock().unwrap_or_else(PoisonError::into_inner).draw();
        self.deliveries.request(&id)
    }
}

impl Outcome {
    fn new() -> Result<Self, Failure> {
        Ok(Self { quarters: [0; 4], latencies: Histogram::new(3)? })
    }

    /// How many in the whole time.
    pub(crate) fn answered(&self) -> u64 {
        self.quarters.iter().sum()
    }

    fn add(&mut self, other: &Self) -> Result<(), Failure> {
        for (sum, count) in self.quarters.iter_mut().zip(other.quarters) {
            *sum += count;
        }
        Ok(self.latencies.add(&other.latencies)?)
    }
}
