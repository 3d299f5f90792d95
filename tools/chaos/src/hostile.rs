//! `hostile`: senders who know no secret, and what everybody else notices of them.
//!
//! Meanwhile a monitor asks `/health` and a sender who knows the secret delivers; the server's
//! memory is read before, at its highest and a minute after.

mod bystanders;
mod senders;

use std::time::Duration;

use clap::Args;
use portal_harness::memory;
use portal_harness::server::{self, Build, Setup};
use tokio::runtime::{Builder, Runtime};
use xtask::chance::Chance;
use xtask::figures;
use xtask::run::{Background, Failure};
use xtask::steps::Steps;

use self::bystanders::{Bystanders, Latencies};
use self::senders::{Kinds, Told};

/// The memory that a server may have at its highest, in MB: a small machine's, with room beside it.
const PEAK_MAX: u64 = 200;

/// The memory that it may keep, in MB, once [`REST`] has passed.
const REST_MAX: u64 = 80;

/// The time in which memory is given back.
const REST: Duration = Duration::from_secs(60);

/// The time within which 99 of 100 answers of `/health` are there.
const HEALTH_P99_MAX: Duration = Duration::from_millis(50);

/// The number of senders of large bodies: more than there is memory for at once.
const LARGE_AT_ONCE: usize = 600;

/// The number of senders of all else.
const SMALL_AT_ONCE: usize = 64;

/// The requests to make.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    build: Build,
    /// Number of bodies of 1 MiB whose signature is wrong
    #[arg(long, default_value_t = 20_000)]
    bodies: u32,
    /// Number of other requests: forged, garbled, unfinished, to paths that are not there
    #[arg(long, default_value_t = 100_000)]
    requests: u32,
    /// Judge no times, and do not wait until memory is given back.
    #[arg(long)]
    quick: bool,
    /// Repeat the requests of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
}

/// Makes them, and judges what others noticed.
pub(crate) fn hostile(arguments: &Arguments) -> Result<(), Failure> {
    let program = arguments.build.program()?;
    let seed = arguments.seed.unwrap_or_else(Chance::fresh_seed);
    println!("seed {seed}");
    let folder = server::empty_folder("hostile")?;
    println!("the server's log: {}", folder.display());
    let setup = Setup::new(&program, &folder, "portal")?;
    let server = setup.start()?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let under_test = UnderTest { setup, server, runtime, judges_times: !arguments.quick };
    println!("memory: {} MB before", in_mb(memory::now(&under_test.server)?));

    let mut steps = Steps::default();
    let large = (Kinds::Large, arguments.bodies, LARGE_AT_ONCE);
    let small = (Kinds::Small(seed), arguments.requests, SMALL_AT_ONCE);
    for (kinds, count, at_once) in [large, small] {
        steps.take(&format!("{count} {kinds}, {at_once} at once"), || {
            under_test.meet(kinds, count, at_once)
        });
    }
    steps.take("memory", || under_test.expect_memory());
    steps.take("the server is well", || server::stop(under_test.server));
    steps.finish()
}

struct UnderTest {
    setup: Setup,
    server: Background,
    runtime: Runtime,
    judges_times: bool,
}

impl UnderTest {
    fn meet(&self, kinds: Kinds, count: u32, at_once: usize) -> Result<(), Failure> {
        let address = self.setup.address;
        let bystanders = Bystanders::watch(address)?;
        let told = self.runtime.block_on(senders::send(address, kinds, count, at_once))?;
        let (health, deliveries) = bystanders.finish()?;
        println!("{told}");
        println!("/health meanwhile: {health}");
        println!("deliveries meanwhile: {deliveries}, all 200");
        figures::sum(&kinds.to_string(), count)?;
        let p99 = health.quantile(0.99).as_secs_f64() * 1000.0;
        figures::highest(&format!("/health beside {kinds}: p99, ms"), p99)?;
        self.expect_answers(&told, &health)
    }

    fn expect_answers(&self, told: &Told, health: &Latencies) -> Result<(), Failure> {
        if told.accepted() > 0 {
            return Err("a request without a right signature was answered 2xx".into());
        }
        let p99 = health.quantile(0.99);
        if self.judges_times && p99 > HEALTH_P99_MAX {
            return Err(format!("/health took {p99:?} at p99, not {HEALTH_P99_MAX:?}").into());
        }
        Ok(())
    }

    fn expect_memory(&self) -> Result<(), Failure> {
        let peak = in_mb(memory::peak(&self.server)?);
        println!("memory: {peak} MB at its highest");
        figures::highest("memory, MB", peak)?;
        if peak > PEAK_MAX {
            return Err(format!("{peak} MB of memory, and {PEAK_MAX} are allowed").into());
        }
        if !self.judges_times {
            return Ok(());
        }
        std::thread::sleep(REST);
        let rest = in_mb(memory::now(&self.server)?);
        println!("memory: {rest} MB after {REST:?}");
        let given_back = rest < REST_MAX;
        if given_back { Ok(()) } else { Err(format!("{rest} MB are kept: {REST_MAX}").into()) }
    }
}

const fn in_mb(kib: u64) -> u64 {
    kib * 1024 / 1_000_000
}
