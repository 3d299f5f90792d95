//! A closed loop: each connection sends its next request when the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use portal_harness::http::Connection;
use tokio::task::JoinSet;
use xtask::run::Failure;

/// Sends all `requests` over `connections`, which go to each of `servers` in turn, and returns how
/// many a second were answered 200.
pub(crate) async fn rate(
    servers: &[SocketAddr],
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
) -> Result<f64, Failure> {
    let mut opened = Vec::with_capacity(connections);
    for server in servers.iter().cycle().take(connections) {
        opened.push(Connection::open(*server).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut senders = JoinSet::new();
    for connection in opened {
        senders.spawn(send(connection, Arc::clone(requests), Arc::clone(&next)));
    }
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    let answered = u32::try_from(requests.len())?;
    Ok(f64::from(answered) / started.elapsed().as_secs_f64())
}

async fn send(
    mut connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> Result<(), Failure> {
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        expect_ok(&mut connection, request).await?;
    }
    Ok(())
}

/// Sends `request`; fails where the answer is not a 200.
pub(crate) async fn expect_ok(connection: &mut Connection, request: &[u8]) -> Result<(), Failure> {
    let answer = connection.send(request).await?;
    if answer.status == 200 {
        return Ok(());
    }
    Err(format!("a request was answered {}: {}", answer.status, answer.body).into())
}
