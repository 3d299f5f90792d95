//! `donation-portal reconcile`

mod progress;

use jiff::SignedDuration;
use portal_domain::Clock as _;
use portal_domain::read_budget::Budgeted;
use portal_domain::reconcile::{FIRST_LOOK, ON_THE_WAY, Reconciler, Run};
use portal_domain::stripe_job;
use portal_domain::{Lease, LeasedJob, Store, StoreError, UnixSeconds, Window, Written};
use serde::{Deserialize, Serialize};

use self::progress::RunProgressBar;
use crate::clock::SystemClock;
use crate::commands::{finish, reports, wait_for};
use crate::config::{Client, StripeConfig};
use crate::database::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};
use crate::period::{self, Moment, Zone};

/// The job's name in the store.
const JOB: &str = "reconcile";

/// A run that was cut off longer ago is begun anew.
const RESUMED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What time to compare, and how to print the report.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    stripe: StripeConfig,

    /// What was made then or later: a date (its midnight) or a time [default: three days ago]
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// What was made before then [default: two minutes ago; deliveries may be on their way]
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    #[command(flatten)]
    zone: Zone,

    /// How to print the report
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// What is written down between the steps.
#[derive(Serialize, Deserialize)]
struct SavedRun {
    asked: RunRequest,
    begun_at: UnixSeconds,
    run: Run,
}

/// What was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct RunRequest {
    since: Option<UnixSeconds>,
    until: Option<UnixSeconds>,
    livemode: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let client = args.stripe.needed_client()?;
    let in_zone = |moment: Option<Moment>| {
        moment.map(|it| it.in_zone(&args.zone.time_zone)).transpose().map_err(Failure::misuse)
    };
    let asked = RunRequest {
        since: in_zone(args.since)?,
        until: in_zone(args.until)?,
        livemode: client.livemode,
    };
    let store = args.database.home()?.open_existing()?;
    let clock = SystemClock::new();
    // A lease that has ended already: whoever comes later takes over, and the earlier one notifications.
    let claim = store.lease_job(JOB, SignedDuration::ZERO, clock.now());
    let Some(LeasedJob { lease, position }) = finish("begin", claim)? else {
        return Err(Failure::could_not("begin", "the clock was set back; try again later"));
    };
    let mut position = match resumed(position.as_deref(), asked, clock.now()) {
        Some(position) => {
            output::note("going on with the run that was cut off");
            position
        }
        None => begun(asked, clock.now())?,
    };
    let progress = RunProgressBar::start();
    let gone = wait_for(async {
        go(&*store, &client, args.stripe.read_budget, &clock, lease, &mut position, &progress).await
    })?;
    progress.end();
    match gone {
        Ok(Written::Applied) => {}
        Ok(Written::Stale) => {
            return Err(Failure::could_not("go on", "another reconcile has taken over"));
        }
        Err(error) => {
            let why = format!("{error}; run the command again, and it goes on from here");
            return Err(Failure::could_not("go on", why));
        }
    }
    let report = &position.run.report;
    let number = finish("file the report", stripe_job::file(&*store, report, clock.now()))?;
    finish("end", store.save_job(JOB, lease, "", clock.now()))?;
    reports::show::print(number, report, args.format)
}

/// Goes on to the end, and writes down each step.
async fn go(
    store: &dyn Store,
    client: &Client,
    budget: u64,
    clock: &SystemClock,
    lease: Lease,
    position: &mut SavedRun,
    progress: &RunProgressBar,
) -> Result<Written, StoreError> {
    let stripe = Budgeted { stripe: &*client.stripe, store, budget, clock };
    let reconciler = Reconciler { stripe: &stripe, store, clock };
    while !position.run.has_ended() {
        progress.show(&position.run);
        reconciler.step(&mut position.run).await?;
        let written = serde_json::to_string(position)
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        if store.save_job(JOB, lease, &written, clock.now()).await? == Written::Stale {
            return Ok(Written::Stale);
        }
    }
    Ok(Written::Applied)
}

/// The run that was cut off, or whose report was not filed, where the same was asked for not long ago.
fn resumed(written: Option<&str>, asked: RunRequest, now: UnixSeconds) -> Option<SavedRun> {
    let position: SavedRun = serde_json::from_str(written?).ok()?;
    let fresh = now.since(position.begun_at) < RESUMED_FOR.as_secs();
    (fresh && position.asked == asked).then_some(position)
}

fn begun(asked: RunRequest, now: UnixSeconds) -> Result<SavedRun, Failure> {
    let until = asked.until.unwrap_or_else(|| now.after(-ON_THE_WAY)).min(now);
    let since = asked.since.unwrap_or_else(|| until.after(-FIRST_LOOK));
    if since >= until {
        return Err(Failure::misuse(format!("--since must be before --until ({until})")));
    }
    let run = Run::full(Window { since, until }, since, asked.livemode, now);
    Ok(SavedRun { asked, begun_at: now, run })
}
