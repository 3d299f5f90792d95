//! `donation-portal send`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use portal_domain::Clock as _;
use portal_domain::{Secret, UnixSeconds};
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::config::{Given, SecretOnly};
use crate::exit::{Exit, Failure};
use crate::samples::{SAMPLES, Sample};
use crate::sender::Sender;
use crate::{chance, output};

/// The maximum of `--connections`, each of which is a thread: more than a load test of a donation
/// portal needs.
const CONNECTIONS_MAX: u16 = 512;

/// Arguments of `send`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal send --type invoice.paid --secret whsec_… --count 100 --rate 10"
)]
pub(crate) struct Args {
    /// URL to post to
    #[arg(long, default_value = "http://127.0.0.1:8787/api/webhooks/stripe")]
    url: String,

    #[command(flatten)]
    signing: Given<SecretOnly>,

    /// Event type of the built-in sample to send; --type help lists all
    #[arg(long = "type", value_name = "EVENT_TYPE", default_value = SAMPLES[0].name, value_parser = sample)]
    sample: &'static Sample,

    /// Send the unchanged bytes of this file instead of a sample; with --count, the same event repeatedly
    #[arg(long, conflicts_with = "sample", value_name = "FILE")]
    file: Option<PathBuf>,

    /// Number of events; each sample gets a new id
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,

    /// Events per second [default: as fast as answers arrive]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,

    /// Number of concurrent connections
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(CONNECTIONS_MAX)))]
    connections: u16,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let plan = Plan::new(args)?;
    let progress = ProgressBar::new(args.count).with_style(style());
    let clock = SystemClock::new();
    let tally = Mutex::new(SendTally::new()?);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..args.connections {
            scope.spawn(|| send_share(&plan, &next, &clock, &progress, &tally));
        }
    });
    progress.finish_and_clear();
    let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    tally.report(clock.monotonic())
}

struct Plan {
    sender: Sender,
    secret: Secret,
    what: What,
    count: u64,
    interval: Option<Duration>,
    /// A random part of the ids, so that runs do not repeat each other's events.
    run: String,
}

enum What {
    Sample(&'static Sample),
    Bytes(Vec<u8>),
}

impl Plan {
    fn new(args: &Args) -> Result<Self, Failure> {
        let secrets = args.signing.secrets()?;
        let what = match &args.file {
            None => What::Sample(args.sample),
            Some(path) => What::Bytes(std::fs::read(path).map_err(|error| {
                Failure::misuse(
                    "--file",
                    format_args!("could not read {}: {error}", path.display()),
                )
            })?),
        };
        Ok(Self {
            sender: Sender::new(&args.url),
            secret: secrets.first().clone(),
            what,
            count: args.count,
            interval: args.rate.map(|rate| Duration::from_secs(1) / rate),
            run: chance::hex(8)?,
        })
    }

    fn body(&self, number: u64, now: UnixSeconds) -> Vec<u8> {
        match &self.what {
            What::Sample(sample) => {
                sample.body(&format!("evt_sample{}{number:08}", self.run), now).into_bytes()
            }
            What::Bytes(bytes) => bytes.clone(),
        }
    }
}

fn send_share(
    plan: &Plan,
    next: &AtomicU64,
    clock: &SystemClock,
    progress: &ProgressBar,
    tally: &Mutex<SendTally>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= plan.count {
            return;
        }
        // With a rate, latency counts from the instant at which the event was due.
        let due = match plan.interval {
            None => clock.monotonic(),
            Some(interval) => interval.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX)),
        };
        std::thread::sleep(due.saturating_sub(clock.monotonic()));
        let now = clock.now();
        let answer = plan.sender.post(&plan.secret, now, &plan.body(number, now));
        let latency = clock.monotonic().saturating_sub(due);
        let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match answer {
            Ok(answer) => tally.answered(answer.status, latency),
            Err(error) => tally.failed(&error),
        }
        drop(tally);
        progress.inc(1);
    }
}

/// The answers and their latency.
struct SendTally {
    statuses: BTreeMap<u16, u64>,
    failures: BTreeMap<String, u64>,
    latency_us: Histogram<u64>,
}

impl SendTally {
    fn new() -> Result<Self, Failure> {
        let latency_us = Histogram::new(3).map_err(|error| Failure::could_not("measure", error))?;
        Ok(Self { statuses: BTreeMap::new(), failures: BTreeMap::new(), latency_us })
    }

    fn answered(&mut self, status: u16, latency: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        // A histogram without bounds grows to any value.
        self.latency_us.record(latency_us).ok();
    }

    fn failed(&mut self, error: &ureq::Error) {
        *self.failures.entry(error.to_string()).or_default() += 1;
    }

    fn report(&self, elapsed: Duration) -> Result<Exit, Failure> {
        let mut outcomes = output::table(&["answer", "events"]);
        for (status, events) in &self.statuses {
            outcomes.add_row([status.to_string(), events.to_string()]);
        }
        for (failure, events) in &self.failures {
            outcomes.add_row([failure.clone(), events.to_string()]);
        }
        output::print(&outcomes)?;
        if self.statuses.is_empty() {
            return Err(Failure::could_not("reach the receiver", "no delivery was answered")
                .advise("check whether it runs, and --url"));
        }
        let milliseconds = |quantile| {
            let us = self.latency_us.value_at_quantile(quantile);
            format!("{}.{:03}", us / 1000, us % 1000)
        };
        output::print(format_args!(
            "latency in ms: p50 {}, p95 {}, p99 {}, max {}",
            milliseconds(0.5),
            milliseconds(0.95),
            milliseconds(0.99),
            milliseconds(1.0)
        ))?;
        let seconds = elapsed.as_millis().max(1);
        let rate = u128::from(self.latency_us.len()) * 1000 / seconds;
        output::print(format_args!(
            "{} answered in {} ms, {rate} per second",
            self.latency_us.len(),
            elapsed.as_millis()
        ))?;
        let all_well =
            self.failures.is_empty() && self.statuses.keys().all(|status| *status == 200);
        Ok(if all_well { Exit::Done } else { Exit::FoundWrong })
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn sample(name: &str) -> Result<&'static Sample, String> {
    Sample::named(name).ok_or_else(|| {
        let names: Vec<&str> = SAMPLES.iter().map(|it| it.name).collect();
        format!("give one of the samples: {}", names.join(", "))
    })
}
