//! `donation-portal send`

mod tally;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender as Done, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http::Uri;
use indicatif::{ProgressBar, ProgressStyle};
use portal_domain::Clock as _;
use portal_domain::{Secret, UnixSeconds, text};
use portal_service::settings::Settings as _;

use self::tally::SendTally;
use super::other_events::{OtherEvents, other_events};
use crate::clock::SystemClock;
use crate::config::{Given, Sending};
use crate::database::DatabaseUrl;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::samples::{SAMPLES, Sample, SampleRun, events_of_donations, of_donations};
use crate::sender::Sender;

/// The maximum of `--connections`, each of which is a thread: more than a load test of a donation
/// portal needs.
const CONNECTIONS_MAX: u16 = 512;

/// The maximum number of events or donations of one run.
const COUNT_MAX: u64 = 10_000_000;

/// Arguments of `send`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  donation-portal send --donations 20\n  donation-portal send --type charge.refunded --secret whsec_… --count 100 --rate 10"
)]
pub(crate) struct Args {
    /// URL to post to
    #[arg(long, value_parser = url, default_value = "http://127.0.0.1:8787/api/webhooks/stripe")]
    url: Uri,

    #[command(flatten)]
    settings: Given<Sending>,

    /// Number of sample donations, each with a payment of its own and all events that Stripe sends of it; one-time and recurring ones in turn [default: 1]
    #[arg(long, conflicts_with_all = ["sample", "file", "count"], value_parser = clap::value_parser!(u64).range(1..=COUNT_MAX))]
    donations: Option<u64>,

    /// Send only the built-in sample of this event type; --type help lists all
    #[arg(long = "type", value_name = "EVENT_TYPE", value_parser = sample)]
    sample: Option<WantedSample>,

    /// Send the unchanged bytes of this file instead of a sample
    #[arg(long, conflicts_with = "sample", value_name = "FILE")]
    file: Option<PathBuf>,

    /// Number of events of one type, each about a payment of its own; with --file, number of times that it is sent [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=COUNT_MAX))]
    count: Option<u64>,

    /// Events per second [default: as fast as answers arrive]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,

    /// Number of concurrent connections
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(CONNECTIONS_MAX)))]
    connections: u16,

    /// Send even if the receiver may be in production: on another machine, or with other events than samples in the database
    #[arg(long)]
    even_if_production: bool,
}

/// The value of `--type`.
#[derive(Clone, Copy)]
enum WantedSample {
    Help,
    Of(Sample),
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    if matches!(args.sample, Some(WantedSample::Help)) {
        SAMPLES.iter().try_for_each(|it| output::print(it.name))?;
        return Ok(Exit::Done);
    }
    let plan = Plan::new(args)?;
    if !args.even_if_production {
        refuse_production(args)?;
    }
    let count = plan.count;
    let work = Arc::new(Work {
        plan,
        next: AtomicU64::new(0),
        clock: SystemClock::new(),
        progress: ProgressBar::new(count).with_style(style()),
        tally: Mutex::new(SendTally::new()?),
    });
    let (done, ended) = channel();
    for _ in 0..args.connections {
        let (work, done) = (Arc::clone(&work), done.clone());
        thread::spawn(move || {
            work.send_share();
            done.send(End::OfShare)
        });
    }
    thread::spawn(move || wait_for_interrupt(&done));
    let mut shares = args.connections;
    while shares > 0 && ended.recv().is_ok_and(|it| it == End::OfShare) {
        shares -= 1;
    }
    work.progress.finish_and_clear();
    let tally = work.tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.report(work.clock.monotonic(), count)
}

/// The end of something that the command waits for.
#[derive(PartialEq, Eq)]
enum End {
    OfShare,
    /// Ctrl-C: what was sent until then is summed up.
    Interrupted,
}

fn wait_for_interrupt(done: &Done<End>) {
    let interrupted = crate::serve::runtime().map(|it| it.block_on(tokio::signal::ctrl_c()));
    if let Ok(Ok(())) = interrupted {
        // Nobody waits for it any more once all is sent.
        done.send(End::Interrupted).ok();
    }
}

/// Refuses to send samples to what may be in production.
fn refuse_production(args: &Args) -> Result<(), Failure> {
    let host = args.url.host().unwrap_or_default();
    if !is_this_machine(host) {
        let why = text!(
            "{host} is another machine, and may be in production",
            "{host} は別のマシンで、運用中の可能性があります"
        );
        return Err(Failure::misuse("--url", why).advise(text!(
            "if it may have samples, add --even-if-production",
            "サンプルを送ってよければ --even-if-production を付けてください"
        )));
    }
    let home = args.settings.home()?;
    if matches!(&home, DatabaseUrl::Sqlite(path) if !portal_sqlite::has_database(path)) {
        return Ok(());
    }
    match other_events(&*home.open_to_read()?)? {
        OtherEvents::None => Ok(()),
        OtherEvents::Test | OtherEvents::Live => {
            let why = text!(
                "{home} has other events than samples, and may be in production",
                "{home} にはサンプル以外のイベントがあり、運用中の可能性があります"
            );
            Err(Failure::misuse("DATABASE_URL", why).advise(text!(
                "set it to the receiver's database; if that may have samples, add --even-if-production",
                "受信側のデータベースを指定してください。サンプルを入れてよければ --even-if-production を付けてください"
            )))
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

struct Plan {
    sender: Sender,
    secret: Secret,
    what: What,
    /// The number of events.
    count: u64,
    interval: Option<Duration>,
    run: SampleRun,
}

enum What {
    Donations,
    Sample(Sample),
    Bytes(Vec<u8>),
}

impl Plan {
    fn new(args: &Args) -> Result<Self, Failure> {
        let secrets = args.settings.secrets()?;
        let (what, count) = match (&args.file, args.sample, args.count) {
            (Some(path), _, count) => (What::Bytes(read(path)?), count.unwrap_or(1)),
            (None, Some(WantedSample::Of(sample)), count) => {
                (What::Sample(sample), count.unwrap_or(1))
            }
            (None, _, Some(count)) => (What::Sample(SAMPLES[0]), count),
            (None, _, None) => (What::Donations, events_of_donations(args.donations.unwrap_or(1))),
        };
        Ok(Self {
            sender: Sender::new(&args.url.to_string()),
            secret: secrets.first().clone(),
            what,
            count,
            interval: args.rate.map(|rate| Duration::from_secs(1) / rate),
            run: SampleRun::new()?,
        })
    }

    fn body(&self, number: u64, now: UnixSeconds) -> Vec<u8> {
        let (sample, payment) = match &self.what {
            What::Donations => of_donations(number),
            What::Sample(sample) => (*sample, number),
            What::Bytes(bytes) => return bytes.clone(),
        };
        self.run.body(sample, number, payment, now).into_bytes()
    }
}

/// The values that the connections share.
struct Work {
    plan: Plan,
    /// The number of the next event.
    next: AtomicU64,
    clock: SystemClock,
    progress: ProgressBar,
    tally: Mutex<SendTally>,
}

impl Work {
    /// Sends one event after another until none is left.
    fn send_share(&self) {
        let (plan, clock) = (&self.plan, &self.clock);
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.count {
                return;
            }
            // With a rate, latency counts from the instant at which the event was due.
            let due = match plan.interval {
                None => clock.monotonic(),
                Some(interval) => {
                    interval.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX))
                }
            };
            thread::sleep(due.saturating_sub(clock.monotonic()));
            let now = clock.now();
            let answer = plan.sender.post(&plan.secret, now, &plan.body(number, now));
            let latency = clock.monotonic().saturating_sub(due);
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            match answer {
                Ok(answer) => tally.answered(&answer, latency),
                Err(error) => tally.failed(&error),
            }
            drop(tally);
            self.progress.inc(1);
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let path = path.display();
        let why = text!("could not read {path}: {error}", "{path} を読み取れません: {error}");
        Failure::misuse("--file", why)
    })
}

fn url(text: &str) -> Result<Uri, &'static str> {
    let url: Option<Uri> = text.parse().ok();
    url.filter(|it| matches!(it.scheme_str(), Some("http" | "https")) && it.host().is_some())
        .ok_or("it must be a URL such as http://127.0.0.1:8787/api/webhooks/stripe")
}

fn sample(name: &str) -> Result<WantedSample, &'static str> {
    if name == "help" {
        return Ok(WantedSample::Help);
    }
    Sample::named(name)
        .map(WantedSample::Of)
        .ok_or("there is no such sample; list all with --type help")
}
