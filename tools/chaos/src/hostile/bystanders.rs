//! Those who mean well while others do not: a monitor, and a sender who knows the secret.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http;
use xtask::run::Failure;

/// The pause between two requests of the monitor.
const EACH_HEALTH: Duration = Duration::from_millis(10);

/// The pause between two deliveries.
const EACH_DELIVERY: Duration = Duration::from_millis(100);

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nHost: portal\r\n\r\n";

/// Both at work, on threads of their own so that they wait for the server alone; each answer must
/// be 200.
pub(super) struct Bystanders {
    stop: Arc<AtomicBool>,
    health: JoinHandle<Result<Latencies, Failure>>,
    deliveries: JoinHandle<Result<Latencies, Failure>>,
}

/// The time that each answer took, connecting included, in microseconds.
pub(super) struct Latencies(Histogram<u64>);

impl Bystanders {
    pub(super) fn watch(address: SocketAddr) -> Result<Self, Failure> {
        let stop = Arc::<AtomicBool>::default();
        let (deliveries, mut ids) = (Deliveries::new()?, Ids::new(IdShape::Stripe, 1));
        let (health_stops, deliveries_stop) = (Arc::clone(&stop), Arc::clone(&stop));
        let health = move || ask(address, &health_stops, EACH_HEALTH, || HEALTH.to_vec());
        let next = move || deliveries.request(&ids.draw());
        let deliveries = move || ask(address, &deliveries_stop, EACH_DELIVERY, next);
        Ok(Self { stop, health: spawn(health), deliveries: spawn(deliveries) })
    }

    /// Stops them; returns the monitor's times and the deliveries'.
    pub(super) fn finish(self) -> Result<(Latencies, Latencies), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = |it: JoinHandle<Result<Latencies, Failure>>| {
            it.join().map_err(|_| "one who means well panicked")?
        };
        Ok((ended(self.health)?, ended(self.deliveries)?))
    }
}

fn ask(
    address: SocketAddr,
    stop: &AtomicBool,
    pause: Duration,
    mut next: impl FnMut() -> Vec<u8>,
) -> Result<Latencies, Failure> {
    let mut latencies = Histogram::new(3)?;
    while !stop.load(Ordering::Relaxed) {
        let request = next();
        let started = Instant::now();
        let answer = http::exchange(address, &request)?;
        if answer.status != 200 {
            return Err(format!("one who means well was answered {}", answer.status).into());
        }
        latencies.record(u64::try_from(started.elapsed().as_micros())?)?;
        sleep(pause);
    }
    Ok(Latencies(latencies))
}

impl Latencies {
    /// Returns the time within which the share `quantile` of the answers was there.
    pub(super) fn quantile(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(quantile))
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |quantile| self.quantile(quantile).as_secs_f64() * 1000.0;
        let (p50, p99, max) = (ms(0.5), ms(0.99), ms(1.0));
        write!(f, "{} answers, p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms", self.0.len())
    }
}
