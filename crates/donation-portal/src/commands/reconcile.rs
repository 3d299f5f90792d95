//! `donation-portal reconcile`

mod progress;

use jiff::SignedDuration;
use portal_domain::Clock as _;
use portal_domain::payouts::PayoutsRun;
use portal_domain::read_budget::Budgeted;
use portal_domain::reconcile::{FIRST_LOOK, ON_THE_WAY, Reconciler, Run};
use portal_domain::stripe_job;
use portal_domain::{
    ActionScope, ActionVerb, Lease, LeasedJob, Store, StoreError, Text, UnixSeconds, Window,
    Written, stored_json, text,
};
use portal_outbound::Locale;
use portal_service::StripeAccess;
use portal_service::settings::Settings as _;
use serde::{Deserialize, Serialize};

use self::progress::RunProgressBar;
use crate::clock::SystemClock;
use crate::commands::actions::on_trail;
use crate::commands::{finish, reports, time_of, wait_for};
use crate::config::{Given, Reconciling, Speech, needed_access};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};
use portal_service::period::{self, Moment};

/// The job's name in the store.
const JOB: &str = "reconcile";

/// An interrupted run is resumed for this long; after that the command starts a new one.
const RESUMED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Arguments of `reconcile`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal reconcile --since 2026-11-01 --until 2026-12-01 --time-zone Asia/Tokyo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Reconciling>,
    #[command(flatten)]
    speech: Given<Speech>,

    /// Only objects created at this time or later: a date (its midnight), `today`, `yesterday`, an age (`7d`) or a time [default: 3 days before --until]
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only objects created before this time [default: 2 minutes ago, to skip deliveries in flight]
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Output format of the report
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// The progress of a run, saved after each step.
#[derive(Serialize, Deserialize)]
struct SavedRun {
    asked: RunRequest,
    begun_at: UnixSeconds,
    run: Run,
    payouts: PayoutsRun,
}

/// The arguments of a run. A run is resumed only if they are the same.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct RunRequest {
    since: Option<UnixSeconds>,
    until: Option<UnixSeconds>,
    livemode: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let access = needed_access(&args.settings)?;
    let locale = Locale { language: args.speech.cli_language()?, zone: args.settings.time_zone()? };
    let now = SystemClock::new().now();
    let in_zone = |it| time_of(it, &locale.zone, now, "--since or --until");
    let asked = RunRequest {
        since: in_zone(args.since)?,
        until: in_zone(args.until)?,
        livemode: access.livemode,
    };
    let store = args.settings.home()?.open_existing()?;
    let clock = SystemClock::new();
    // The lease has no duration, so that a second reconcile takes over at once and the first one
    // stops at its next save.
    let claim = store.lease_job(JOB, SignedDuration::ZERO, clock.now());
    let Some(LeasedJob { lease, state }) = finish(text!("start", "開始できません"), claim)?
    else {
        let why = text!("the clock was set back", "時計が戻されました");
        return Err(Failure::could_not(text!("start", "開始できません"), why)
            .advise(text!("try again later", "しばらくしてからやり直してください")));
    };
    let mut state = match resumed(state.as_deref(), asked, clock.now()) {
        Some(state) => {
            output::note("resuming the interrupted run");
            state
        }
        None => begun(asked, clock.now())?,
    };
    let scope = ActionScope {
        since: Some(state.run.report.window.since),
        until: Some(state.run.report.window.until),
        ..ActionScope::default()
    };
    on_trail(&*store, ActionVerb::Reconcile, scope, || {
        let number = to_the_report(&*store, &access, &clock, lease, &mut state)?;
        let report = &state.run.report;
        Ok((reports::show::print(number, report, &locale, args.format)?, report.shown))
    })
}

/// Runs to the end, files the report and returns its number.
fn to_the_report(
    store: &dyn Store,
    access: &StripeAccess,
    clock: &SystemClock,
    lease: Lease,
    state: &mut SavedRun,
) -> Result<u64, Failure> {
    let progress = RunProgressBar::start();
    let gone = wait_for(async { go(store, access, clock, lease, state, &progress).await })?;
    progress.end();
    match gone {
        Ok(Written::Applied) => {}
        Ok(Written::Stale) => {
            let why = text!("another reconcile has taken over", "別の reconcile が引き継ぎました");
            return Err(Failure::could_not(continuing(), why));
        }
        Err(error) => {
            return Err(Failure::could_not(continuing(), &error).advise(text!(
                "run the same command again to resume",
                "同じコマンドをもう一度実行すると、続きから再開します"
            )));
        }
    }
    for (resource, why) in &state.payouts.unread {
        output::note(format_args!("{} could not be read: {why}", resource.name()));
    }
    let report = &state.run.report;
    let filing = text!("file the report", "照合レポートを保存できません");
    let number = finish(filing, stripe_job::file(store, report, clock.now()))?;
    finish(text!("end", "終了できません"), store.save_job(JOB, lease, "", clock.now()))?;
    Ok(number)
}

/// Runs all remaining steps and saves the progress after each.
async fn go(
    store: &dyn Store,
    access: &StripeAccess,
    clock: &SystemClock,
    lease: Lease,
    state: &mut SavedRun,
    progress: &RunProgressBar,
) -> Result<Written, StoreError> {
    let stripe = Budgeted::new(&*access.stripe, store, access.budget, clock);
    let reconciler = Reconciler { stripe: &stripe, store, clock };
    while !(state.run.has_ended() && state.payouts.has_ended()) {
        progress.show(&state.run, &state.payouts);
        if state.run.has_ended() {
            reconciler.read_payouts(&mut state.payouts).await?;
        } else {
            reconciler.step(&mut state.run).await?;
        }
        let written = stored_json(state)?;
        if store.save_job(JOB, lease, &written, clock.now()).await? == Written::Stale {
            return Ok(Written::Stale);
        }
    }
    Ok(Written::Applied)
}

/// Returns the run that was interrupted, or whose report was not filed, if it is recent and has the
/// same arguments.
fn resumed(written: Option<&str>, asked: RunRequest, now: UnixSeconds) -> Option<SavedRun> {
    let state: SavedRun = serde_json::from_str(written?).ok()?;
    let fresh = now.since(state.begun_at) < RESUMED_FOR.as_secs();
    (fresh && state.asked == asked).then_some(state)
}

fn begun(asked: RunRequest, now: UnixSeconds) -> Result<SavedRun, Failure> {
    let until = asked.until.unwrap_or_else(|| now.after(-ON_THE_WAY)).min(now);
    let since = asked.since.unwrap_or_else(|| until.after(-FIRST_LOOK));
    if since >= until {
        let why =
            text!("it must be before --until ({until})", "--until（{until}）より前にしてください");
        return Err(Failure::misuse("--since", why));
    }
    let window = Window { since, until };
    let run = Run::full(window, since, asked.livemode, now);
    // Without an end all lines up to now are read, as far as the balance goes.
    let lines = Window { since, until: asked.until.map_or(now, |it| it.min(now)) };
    let payouts = PayoutsRun::new(window, lines, asked.livemode);
    Ok(SavedRun { asked, begun_at: now, run, payouts })
}

fn continuing() -> Text {
    text!("continue", "続行できません")
}
