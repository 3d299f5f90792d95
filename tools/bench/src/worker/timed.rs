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

/// Makes requests as they are needed: those of a minute would not fit into memory.
struct Source {
    deliveries: Deliveries,
    ids: Mutex<Ids>,
}

/// Sends for `duration` over `connections`, each request an event of its own; returns how long the
/// answers took, in microseconds.
pub(crate) async fn timed(
    address: SocketAddr,
    connections: usize,
    duration: Duration,
) -> Result<Histogram<u64>, Failure> {
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
    let mut latencies = Histogram::new(3)?;
    while let Some(ended) = senders.join_next().await {
        latencies.add(&ended??)?;
    }
    Ok(latencies)
}

async fn send(
    mut connection: Connection,
    source: Arc<Source>,
    started: Instant,
    duration: Duration,
) -> Result<Histogram<u64>, Failure> {
    let mut latencies = Histogram::new(3)?;
    while started.elapsed() < duration {
        let request = source.request();
        let sent = Instant::now();
        expect_ok(&mut connection, &request).await?;
        latencies.record(u64::try_from(sent.elapsed().as_micros())?)?;
    }
    Ok(latencies)
}

impl Source {
    fn request(&self) -> Vec<u8> {
        let id = self.ids.lock().unwrap_or_else(PoisonError::into_inner).draw();
        self.deliveries.request(&id)
    }
}
