//! The Worker in Cloudflare's runtime, on D1. The processor time has the local database in it, which
//! Cloudflare runs elsewhere.

mod cpu;
mod timed;

use std::time::Duration;

use hdrhistogram::Histogram;
use portal_harness::worker::{Bound, start_bare, with_receiver};
use xtask::run::Failure;
use xtask::worker::build_and_weigh;

use crate::{Bench, verdict};

use self::cpu::cpu_time;
use self::timed::timed;

/// Connections that are kept open and busy.
const CONNECTIONS: usize = 32;

/// So many requests go before those that count: the runtime compiles what is hot anew.
const WARM_UP: Duration = Duration::from_secs(1);

/// The processor time of a request on Cloudflare's free plan:
/// <https://developers.cloudflare.com/workers/platform/limits/#cpu-time>.
const CPU_MS_MAX: f64 = 10.0;

/// Measures and prints.
pub(crate) fn run(bench: &mut Bench, seconds: u32) -> Result<(), Failure> {
    build_and_weigh()?;
    with_receiver(Bound::ToD1, |receiver, _| {
        let running = start_bare(receiver)?;
        bench.wait_for(timed(receiver.address, CONNECTIONS, WARM_UP))?;
        let before = cpu_time(running.id())?;
        let duration = Duration::from_secs(seconds.into());
        let latencies = bench.wait_for(timed(receiver.address, CONNECTIONS, duration))?;
        let cpu = cpu_time(running.id())?.saturating_sub(before);
        running.stop()?;
        println!("\nthe Worker on D1: {CONNECTIONS} connections for {seconds} s");
        print(bench, &latencies, duration, cpu)
    })
}

fn print(
    bench: &mut Bench,
    latencies: &Histogram<u64>,
    duration: Duration,
    cpu: Duration,
) -> Result<(), Failure> {
    let answered = f64::from(u32::try_from(latencies.len())?);
    let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
    let cpu_ms = cpu.as_secs_f64() * 1000.0 / answered;
    bench.keep("on D1: CPU in ms a request", cpu_ms)?;
    println!("  {:8.0} events/s", answered / duration.as_secs_f64());
    println!("  p50 {:8.2} ms", ms(latencies.value_at_quantile(0.5)));
    println!("  p99 {:8.2} ms", ms(latencies.value_at_quantile(0.99)));
    let met = verdict(cpu_ms < CPU_MS_MAX);
    println!("  CPU {cpu_ms:8.2} ms a request   {met} (aim: below {CPU_MS_MAX} ms)");
    Ok(())
}
