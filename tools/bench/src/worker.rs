//! The Worker in Cloudflare's runtime, with and without D1. On D1 the processor time has the local
//! database in it, which Cloudflare runs elsewhere.

mod cpu;
mod timed;

use std::path::Path;
use std::time::Duration;

use portal_harness::worker::{Memory, receiver, start_bare};
use xtask::run::Failure;
use xtask::worker::build_and_weigh;

use crate::{Bench, verdict};

use self::cpu::cpu_time;
use self::timed::{Outcome, timed};

/// Connections that are kept open and busy.
const CONNECTIONS: usize = 32;

/// So many requests go before those that count: the runtime compiles what is hot anew.
const WARM_UP: Duration = Duration::from_secs(1);

/// How many ids the Worker remembers without D1, as nobody says otherwise.
const REMEMBERED: u64 = 65_536;

/// The aim for the rate of the last quarter, by that of the first.
const AIM_RATIO: f64 = 0.9;

/// What Cloudflare's free plan gives each request:
/// <https://developers.cloudflare.com/workers/platform/limits/#cpu-time>.
const CPU_MS_MAX: f64 = 10.0;

/// Measures and prints both.
pub(crate) fn run(bench: &mut Bench, seconds: u32, folder: &Path) -> Result<(), Failure> {
    build_and_weigh()?;
    for (memory, name) in [(Memory::Isolate, "without D1"), (Memory::D1, "on D1")] {
        let folder = folder.join(name);
        std::fs::create_dir(&folder)?;
        let receiver = receiver(memory, &folder)?;
        let running = start_bare(&receiver)?;
        bench.wait_for(timed(receiver.address, CONNECTIONS, WARM_UP))?;
        let before = cpu_time(running.id())?;
        let duration = Duration::from_secs(seconds.into());
        let outcome = bench.wait_for(timed(receiver.address, CONNECTIONS, duration))?;
        let cpu = cpu_time(running.id())?.saturating_sub(before);
        running.stop()?;
        println!("\nthe Worker {name}: {CONNECTIONS} connections for {seconds} s");
        print(bench, name, &outcome, duration, cpu)?;
        if memory == Memory::Isolate {
            print_ratio(&outcome)?;
        }
    }
    Ok(())
}

fn print(
    bench: &mut Bench,
    name: &str,
    outcome: &Outcome,
    duration: Duration,
    cpu: Duration,
) -> Result<(), Failure> {
    let answered = f64::from(u32::try_from(outcome.answered())?);
    let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
    let cpu_ms = cpu.as_secs_f64() * 1000.0 / answered;
    bench.keep(&format!("{name}: CPU in ms a request"), cpu_ms)?;
    println!("  {:8.0} events/s", answered / duration.as_secs_f64());
    println!("  p50 {:8.2} ms", ms(outcome.latencies.value_at_quantile(0.5)));
    println!("  p99 {:8.2} ms", ms(outcome.latencies.value_at_quantile(0.99)));
    let met = verdict(cpu_ms < CPU_MS_MAX);
    println!("  CPU {cpu_ms:8.2} ms a request   {met} (aim: below {CPU_MS_MAX} ms)");
    Ok(())
}

/// Says whether the rate falls as the memory of ids fills.
fn print_ratio(outcome: &Outcome) -> Result<(), Failure> {
    let [first, .., last] = outcome.quarters;
    let ratio = f64::from(u32::try_from(last)?) / f64::from(u32::try_from(first)?);
    print!("  the last quarter's rate by the first's: {ratio:.3}   ");
    if outcome.answered() > REMEMBERED {
        println!("{} (aim: {AIM_RATIO})", verdict(ratio >= AIM_RATIO));
    } else {
        println!("not judged: {REMEMBERED} ids are remembered, and fewer came");
    }
    Ok(())
}
