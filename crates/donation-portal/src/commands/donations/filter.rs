//! The filters of the commands about donations.

use std::fmt::Write as _;

use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;
use portal_domain::{Clock as _, Currency, DonationFilter, DonationState, Kind};
use portal_service::donation_columns::mode;
use portal_service::period::{self, Moment, Period};
use portal_service::settings::{SettingError, Settings as _};

use crate::clock::SystemClock;
use crate::commands::{ModeArg, bounds};
use crate::config::{Calendar, Given};
use crate::exit::Failure;

/// The filters that all commands about donations take.
#[derive(clap::Args)]
pub(super) struct Filter {
    /// Only donations paid (if unpaid: changed) at this time or later: a date, `today`, `yesterday`, an age (`7d`), an RFC 3339 time or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only donations paid (if unpaid: changed) before this time
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Only donations of this year (2026), fiscal year (fy2026), month (2026-11) or day (2026-11-22)
    #[arg(long, conflicts_with_all = ["since", "until"], value_parser = period::period)]
    period: Option<Period>,

    #[command(flatten)]
    calendar: Given<Calendar>,

    /// Only donations in this currency, such as jpy
    #[arg(long, value_parser = currency)]
    currency: Option<Currency>,

    /// Only donations of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(KINDS.map(Kind::name)))]
    kind: Option<String>,

    /// Only donations of this mode
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
}

/// The filters by state.
#[derive(clap::Args)]
pub(super) struct ProgressFilter {
    /// Only donations in this state
    #[arg(long, value_parser = PossibleValuesParser::new(STATES.map(DonationState::name)))]
    state: Option<String>,

    /// Only provisional donations: payments that may turn out to be part of an invoice
    #[arg(long, conflicts_with = "certain")]
    provisional: bool,

    /// Only donations that are not provisional
    #[arg(long)]
    certain: bool,
}

const KINDS: [Kind; 3] = [Kind::OneTime, Kind::Recurring, Kind::Invoice];

const STATES: [DonationState; 3] =
    [DonationState::Pending, DonationState::Paid, DonationState::Failed];

impl Filter {
    /// Returns the time zone in which dates are read and times are shown.
    pub(super) fn time_zone(&self) -> Result<TimeZone, SettingError> {
        self.calendar.time_zone()
    }

    /// Returns the filter for the store, or an error if the times make no period.
    pub(super) fn read(&self) -> Result<DonationFilter, Failure> {
        let (moments, now) = ([self.since, self.until], SystemClock::new().now());
        let [since, until] = bounds(moments, self.period, &self.calendar, &self.time_zone()?, now)?;
        Ok(DonationFilter {
            since,
            until,
            currency: self.currency.clone(),
            kind: self.kind.as_deref().and_then(Kind::from_name),
            livemode: self.mode.map(ModeArg::livemode),
            ..DonationFilter::default()
        })
    }
}

impl ProgressFilter {
    /// Adds these conditions to `filter`.
    pub(super) fn narrow(&self, filter: DonationFilter) -> DonationFilter {
        let state = self.state.as_deref().and_then(DonationState::from_name);
        let provisional = (self.provisional || self.certain).then_some(self.provisional);
        DonationFilter { state, provisional, ..filter }
    }
}

/// Returns the flags of `donations list` that select the same donations as `filter`.
pub(super) fn flags(filter: &DonationFilter) -> String {
    let mut flags = String::new();
    let mut say = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a string does not fail.
            write!(flags, " --{flag} {value}").ok();
        }
    };
    say("since", filter.since.map(|it| it.to_string()));
    say("until", filter.until.map(|it| it.to_string()));
    say("currency", filter.currency.as_ref().map(ToString::to_string));
    say("kind", filter.kind.map(|it| it.name().to_owned()));
    say("state", filter.state.map(|it| it.name().to_owned()));
    say("mode", filter.livemode.map(|it| mode(it).to_owned()));
    if let Some(provisional) = filter.provisional {
        flags.push_str(if provisional { " --provisional" } else { " --certain" });
    }
    flags
}

fn currency(code: &str) -> Result<Currency, &'static str> {
    Currency::new(&code.to_lowercase()).ok_or("give a currency of three letters, such as jpy")
}
