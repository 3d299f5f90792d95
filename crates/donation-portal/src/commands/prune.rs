//! `donation-portal prune`: the retention of events.

use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use portal_domain::{ActionScope, ActionVerb, Clock as _, Store, UnixSeconds, text};
use portal_service::period::in_zone;
use portal_service::settings::Settings as _;

use crate::clock::SystemClock;
use crate::commands::actions::on_trail;
use crate::commands::{finish, reading_inbox};
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// Stripe keeps an event for 30 days and can be asked to send it again
/// (<https://docs.stripe.com/api/events>): one deleted sooner would be recorded as a new event.
const DAYS_MIN: i64 = 30;

/// A hundred years; a greater number is a typing error.
const DAYS_MAX: i64 = 36_500;

/// The number of events deleted in one step: the lock is held for some milliseconds only, so that
/// deliveries are not delayed.
const BATCH: u32 = 1000;

/// Arguments of `prune`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  donation-portal prune --older-than-days 180\n  donation-portal prune --older-than-days 180 --yes"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Delete events received more than this number of days ago (at least 30)
    #[arg(long, default_value = "90", value_name = "DAYS", value_parser = days)]
    older_than_days: i64,

    /// Delete them; without it, only count
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let before =
        SystemClock::new().now().after(SignedDuration::from_hours(-24 * args.older_than_days));
    let begin = in_zone(before, &args.settings.time_zone()?);
    if args.yes {
        let store = args.settings.home()?.open_existing()?;
        let scope = ActionScope { until: Some(before), ..ActionScope::default() };
        return on_trail(&*store, ActionVerb::Prune, scope, || {
            let pruned = prune(&*store, before)?;
            let events = counted(pruned, "event");
            output::print(format_args!("{events} received before {begin} deleted"))?;
            Ok((Exit::Done, pruned))
        });
    }
    let store = args.settings.home()?.open_to_read()?;
    let prunable = finish(reading_inbox(), store.prunable(before))?;
    let events = counted(prunable, "event");
    let how = "would be deleted; add --yes to do it";
    output::print(format_args!("{events} received before {begin} {how}"))?;
    Ok(Exit::Done)
}

/// Deletes batch after batch until none is left; returns the number of events deleted.
fn prune(store: &dyn Store, before: UnixSeconds) -> Result<u64, Failure> {
    let prunable = finish(reading_inbox(), store.prunable(before))?;
    let progress = ProgressBar::new(prunable).with_style(style());
    let mut pruned = 0;
    loop {
        let batch = finish(
            text!("prune the inbox", "受信箱から削除できません"),
            store.prune(before, BATCH),
        )?;
        pruned += batch;
        progress.inc(batch);
        if batch == 0 {
            progress.finish_and_clear();
            return Ok(pruned);
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn days(days: &str) -> Result<i64, &'static str> {
    let days = days.parse().ok().filter(|days| (0..=DAYS_MAX).contains(days));
    let days = days.ok_or("give a number of days")?;
    if days < DAYS_MIN {
        return Err(
            "give 30 or more: Stripe can resend an event for 30 days, and one deleted earlier would be recorded as a new event",
        );
    }
    Ok(days)
}
