//! An open loop: requests are due at fixed instants, whether or not the server keeps up.
//!
//! A latency counts from the instant at which its request was due, so that a server that stalls is
//! charged for all that had to wait meanwhile.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use portal_harness::http::Connection;
use portal_harness::server::{self, Setup};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use xtask::run::Failure;

use crate::closed_loop::expect_ok;
use crate::{Bench, verdict};

/// Enough that a request that is due finds one that is free.
const CONNECTIONS: usize = 64;

/// A request and when it is due.
struct Due {
    at: Instant,
    request: Vec<u8>,
}

/// The rate and the duration of requests, and the aim for p99.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) rate: u32,
    pub(crate) seconds: u32,
    pub(crate) aim_ms: f64,
}

impl Pace {
    /// Returns the number of requests.
    pub(crate) fn requests(self) -> Result<usize, Failure> {
        Ok(usize::try_from(self.rate.saturating_mul(self.seconds))?)
    }
}

type Queue = Arc<Mutex<UnboundedReceiver<Due>>>;

/// The same while an alert waits for a channel that takes connections and never answers.
pub(crate) fn while_a_channel_hangs(
    bench: &mut Bench,
    setup: &Setup,
    pace: Pace,
) -> Result<(), Failure> {
    let channel = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("http://{}/", channel.local_addr()?);
    let server = setup.start_with(&[("SLACK_WEBHOOK_URL", &url)])?;
    let dispute = bench.deliveries.dispute();
    bench.wait_for(async {
        expect_ok(&mut Connection::open(setup.address).await?, &dispute).await
    })?;
    let (_asked, _) = channel.accept()?;
    run(bench, &[setup.address], pace, "a channel hangs")?;
    server::stop(server)
}

/// Measures and prints the latencies of `servers`, each of which gets its share of the requests.
pub(crate) fn run(
    bench: &mut Bench,
    servers: &[SocketAddr],
    pace: Pace,
    how: &str,
) -> Result<(), Failure> {
    let Pace { rate, seconds, aim_ms } = pace;
    let requests = bench.requests(pace.requests()?);
    let latencies = bench.wait_for(send_all(servers, requests, rate))?;
    let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
    let p99 = ms(latencies.value_at_quantile(0.99));
    bench.keep(&format!("{rate} requests/s, {how}: p99 in ms"), p99)?;
    println!(
        "\nat a fixed {rate} requests/s for {seconds} s, from the instant each was due; {how}"
    );
    println!("  p50 {:8.2} ms", ms(latencies.value_at_quantile(0.5)));
    println!("  p99 {p99:8.2} ms   {} (aim: below {aim_ms} ms)", verdict(p99 < aim_ms));
    println!("  max {:8.2} ms", ms(latencies.max()));
    Ok(())
}

async fn send_all(
    servers: &[SocketAddr],
    requests: Vec<Vec<u8>>,
    rate: u32,
) -> Result<Histogram<u64>, Failure> {
    let (due, queue) = mpsc::unbounded_channel();
    let queue = Arc::new(Mutex::new(queue));
    let mut senders = JoinSet::new();
    for server in servers.iter().cycle().take(CONNECTIONS) {
        let connection = Connection::open(*server).await?;
        senders.spawn(send(connection, Arc::clone(&queue)));
    }
    let clock = std::thread::spawn(move || tick(requests, rate, &due));
    let mut latencies = Histogram::new(3)?;
    while let Some(ended) = senders.join_next().await {
        latencies.add(ended??)?;
    }
    clock.join().map_err(|_| "the clock's thread panicked")?;
    Ok(latencies)
}

/// Hands each request out when it is due. A thread, as tokio's timer knows only milliseconds.
fn tick(requests: Vec<Vec<u8>>, rate: u32, due: &UnboundedSender<Due>) {
    let interval = Duration::from_secs(1) / rate;
    let mut at = Instant::now();
    for request in requests {
        at += interval;
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        if due.send(Due { at, request }).is_err() {
            break;
        }
    }
}

async fn send(mut connection: Connection, queue: Queue) -> Result<Histogram<u64>, Failure> {
    let mut latencies = Histogram::new(3)?;
    loop {
        let Some(due) = queue.lock().await.recv().await else {
            return Ok(latencies);
        };
        expect_ok(&mut connection, &due.request).await?;
        latencies.record(u64::try_from(due.at.elapsed().as_micros())?)?;
    }
}
