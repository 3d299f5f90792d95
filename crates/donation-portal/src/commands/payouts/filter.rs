//! The filters of the commands about payouts.

use jiff::tz::TimeZone;
use portal_domain::{Clock as _, PayoutFilter, Window};
use portal_service::period::{self, Moment, Period};
use portal_service::settings::{SettingError, Settings as _};

use crate::clock::SystemClock;
use crate::commands::{ModeArg, bounds, time_of};
use crate::config::{Calendar, Database, Given};
use crate::exit::Failure;

/// The period and the mode of payouts.
#[derive(clap::Args)]
pub(super) struct Arrivals {
    /// Only payouts that arrive on this day or later: a date, `today`, `yesterday` or an age (`30d`)
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only payouts that arrive before this day
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Only payouts that arrive in this year (2026), fiscal year (fy2026), month (2026-11) or on this day
    #[arg(long, conflicts_with_all = ["since", "until"], value_parser = period::period)]
    period: Option<Period>,

    #[command(flatten)]
    calendar: Given<Calendar>,

    /// Only payouts of this mode
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
}

impl Arrivals {
    /// Returns the time zone in which days of lines are shown.
    pub(super) fn time_zone(&self) -> Result<TimeZone, SettingError> {
        self.calendar.time_zone()
    }

    /// Returns the filter for the store. A day of arrival is Stripe's, in no time zone.
    pub(super) fn read(&self) -> Result<PayoutFilter, Failure> {
        let (moments, now) = ([self.since, self.until], SystemClock::new().now());
        let [arrives_since, arrives_until] =
            bounds(moments, self.period, &self.calendar, &TimeZone::UTC, now)?;
        let livemode = self.mode.map(ModeArg::livemode);
        Ok(PayoutFilter { livemode, arrives_since, arrives_until })
    }
}

/// The database, and a period that must be given.
#[derive(clap::Args)]
pub(super) struct Month {
    #[command(flatten)]
    pub(super) database: Database,
    #[command(flatten)]
    pub(super) calendar: Given<Calendar>,

    /// The month (2026-11), or a day, year or fiscal year (fy2026)
    #[arg(long, value_name = "PERIOD", value_parser = period::period)]
    month: Period,
}

impl Month {
    /// Returns the period in a time zone.
    pub(super) fn window(&self, zone: &TimeZone) -> Result<Window, Failure> {
        let now = SystemClock::new().now();
        let moments = self.month.bounds(self.calendar.fiscal_year_start()?).map(Some);
        let [since, until] = moments.map(|it| time_of(it, zone, now, "--month"));
        Ok(Window { since: since?.unwrap_or_default(), until: until?.unwrap_or_default() })
    }
}
