//! One file for each command.

use jiff::tz::TimeZone;
use portal_domain::{ObjectId, StoreError, Text, UnixSeconds, text};
use portal_service::period::{Moment, Period};
use portal_service::settings::Settings as _;

use crate::config::{Calendar, Given, Service};
use crate::exit::Failure;
use crate::output::OneFormat;

pub(crate) mod actions;
pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod copy;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod donations;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod ledger;
pub(crate) mod man;
pub(crate) mod migrate;
mod other_events;
pub(crate) mod payouts;
pub(crate) mod prune;
pub(crate) mod reconcile;
pub(crate) mod reports;
pub(crate) mod restore;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod verify;

/// Stripe's mode, as an argument.
#[derive(Clone, Copy, clap::ValueEnum)]
enum ModeArg {
    /// Live mode
    Live,
    /// Test mode
    Test,
}

impl ModeArg {
    fn livemode(self) -> bool {
        matches!(self, Self::Live)
    }
}

/// The arguments of a command about the whole service: those of `serve`, and a format.
#[derive(clap::Args)]
pub(crate) struct ServiceArgs {
    #[command(flatten)]
    settings: Given<Service>,

    /// Output format; as JSON, one object a line
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// Runs a store operation on this thread; `what` is that of [`Failure::could_not`].
fn finish<T>(what: Text, step: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    wait_for(step)?.map_err(|error| Failure::could_not(what, &error).with(&error))
}

/// Returns the step of reading events, for [`finish`].
fn reading_inbox() -> Text {
    text!("read the inbox", "受信箱を読み取れません")
}

/// Returns the step of reading donations, for [`finish`].
fn reading_ledger() -> Text {
    text!("read the ledger", "台帳を読み取れません")
}

/// Returns the step of reading what `status` shows, for [`finish`].
fn reading_status() -> Text {
    text!("read the status", "状態を読み取れません")
}

/// Returns the step of waiting for anything, in an error.
fn waiting() -> Text {
    text!("wait", "待機できません")
}

fn object_id(id: &str) -> Result<ObjectId, &'static str> {
    ObjectId::new(id).ok_or(
        "an object id has 1 to 255 letters, digits, _, - or ., such as pi_3FuezC092bs8YG8f6jAdLSgQ",
    )
}

/// Returns the time of an optional argument for `zone` at `now`; `names` are those of the arguments.
fn time_of(
    moment: Option<Moment>,
    zone: &TimeZone,
    now: UnixSeconds,
    names: &str,
) -> Result<Option<UnixSeconds>, Failure> {
    let at = moment.map(|it| it.in_zone(zone, now)).transpose();
    at.map_err(|why| {
        let why = text!("{why}", "1970 年より後、9999 年より前の時刻を指定してください");
        Failure::misuse(names, why)
    })
}

/// Returns the times of `--since` and `--until`, or else of `--period`, for `zone` at `now`; an error if
/// they make no period.
fn bounds(
    moments: [Option<Moment>; 2],
    period: Option<Period>,
    calendar: &Given<Calendar>,
    zone: &TimeZone,
    now: UnixSeconds,
) -> Result<[Option<UnixSeconds>; 2], Failure> {
    let [since, until] = match period {
        Some(period) => period.bounds(calendar.fiscal_year_start()?).map(Some),
        None => moments,
    };
    let time = |it| time_of(it, zone, now, "--since, --until or --period");
    let (since, until) = (time(since)?, time(until)?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        let why = text!("it must not be before --since", "--since より前にはできません");
        return Err(Failure::misuse("--until", why));
    }
    Ok([since, until])
}

/// Runs `step` to its end on this thread.
fn wait_for<T>(step: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = crate::serve::runtime().map_err(|error| Failure::could_not(waiting(), error))?;
    Ok(runtime.block_on(step))
}
