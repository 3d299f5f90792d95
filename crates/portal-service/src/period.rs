//! Times and periods as operators write them, and times as they read them.
//!
//! A date means its midnight, which depends on the time zone. Parsed values therefore keep the date
//! until the time zone is known.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use portal_domain::{Text, UnixSeconds};
use portal_outbound::{Language, Locale};

/// Unix seconds have at least this many digits, which is 1973. Fewer are a year, or a date without
/// hyphens.
const UNIX_SECONDS_DIGITS_MIN: usize = 9;

/// The error for a date without a midnight between 1970 and 9999.
const OUT_OF_CALENDAR: &str = "give a time after 1970 and before 9999";

/// The error for what is no period.
const PERIOD_FORMS: &str =
    "give a year (2026), a fiscal year (fy2026), a month (2026-11) or a day (2026-11-22)";

/// The most days of a recent period: those of a leap year.
const RECENT_DAYS_MAX: i16 = 366;

/// A time as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The first moment of a day, in a time zone not known yet.
    Midnight(Date),
    /// The first moment of today, or of so many days before; of the days to come, where it is negative.
    DaysAgo(i16),
    /// So many seconds ago.
    SecondsAgo(i64),
    /// A time that does not depend on a time zone.
    At(UnixSeconds),
}

/// Whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Days {
        first: Moment,
        /// The beginning of the day after the last one.
        end: Moment,
    },
    /// The fiscal year that begins in the calendar year with this day.
    FiscalYear(Date),
}

/// The month with whose first day a fiscal year begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalYearStart(i8);

/// The beginning of a fiscal year's name: `fy2026`.
pub const FISCAL_YEAR: &str = "fy";

/// Parses a date, `today`, `yesterday`, an age such as `1h`, an RFC 3339 time or Unix seconds.
pub fn moment(text: &str) -> Result<Moment, &'static str> {
    if let Some(date) = day(text) {
        return Ok(Moment::Midnight(date));
    }
    match text {
        "today" => return Ok(Moment::DaysAgo(0)),
        "yesterday" => return Ok(Moment::DaysAgo(1)),
        _ => {}
    }
    if let Some(seconds) = age_seconds(text) {
        return Ok(Moment::SecondsAgo(seconds));
    }
    let seconds = || {
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        let enough = text.len() >= UNIX_SECONDS_DIGITS_MIN;
        (digits && enough).then(|| text.parse().ok().and_then(UnixSeconds::new))?
    };
    UnixSeconds::from_rfc3339(text).or_else(seconds).map(Moment::At).ok_or(
        "give a date (2026-11-22), today, yesterday, an age (30m, 1h, 7d), an RFC 3339 time (2026-11-22T09:00:00+09:00) or Unix seconds",
    )
}

/// Parses a day, a month, a year or a fiscal year.
pub fn period(text: &str) -> Result<Period, &'static str> {
    if let Some(year) = text.strip_prefix(FISCAL_YEAR) {
        let january = day(&format!("{year}-01-01")).ok_or(PERIOD_FORMS)?;
        // It ends in the next year.
        january.checked_add(Span::new().years(2)).map_err(|_| OUT_OF_CALENDAR)?;
        return Ok(Period::FiscalYear(january));
    }
    let (first, length) = match text.len() {
        4 => (day(&format!("{text}-01-01")), Span::new().years(1)),
        7 => (day(&format!("{text}-01")), Span::new().months(1)),
        _ => (day(text), Span::new().days(1)),
    };
    let first = first.ok_or(PERIOD_FORMS)?;
    let end = first.checked_add(length).map_err(|_| OUT_OF_CALENDAR)?;
    Ok(Period::Days { first: Moment::Midnight(first), end: Moment::Midnight(end) })
}

/// Parses `today`, `yesterday`, or a number of days up to and with today (`30d`), at most a leap year's.
#[must_use]
pub fn recent(text: &str) -> Option<Period> {
    let (days, end) = match text {
        "today" => (0, -1),
        "yesterday" => (1, 0),
        _ => {
            let days: i16 = text.strip_suffix('d')?.parse().ok()?;
            ((1..=RECENT_DAYS_MAX).contains(&days).then_some(days - 1)?, -1)
        }
    };
    Some(Period::Days { first: Moment::DaysAgo(days), end: Moment::DaysAgo(end) })
}

/// Formats `at` in `zone`, to the second.
pub fn in_zone(at: UnixSeconds, zone: &TimeZone) -> String {
    let local = Timestamp::from_second(at.get()).map(|at| at.to_zoned(zone.clone()));
    local.map_or_else(|_| at.to_string(), |it| it.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

/// Returns `at` in `zone` for each language, to the second or to the minute.
pub fn text_in_zone(at: UnixSeconds, zone: &TimeZone) -> Text {
    let locale = Locale { language: Language::Ja, zone: zone.clone() };
    Text::new(in_zone(at, zone), locale.time(at))
}

/// Formats the date of `at` in `zone`.
pub fn day_in_zone(at: UnixSeconds, zone: &TimeZone) -> String {
    let local = Timestamp::from_second(at.get()).map(|at| at.to_zoned(zone.clone()));
    local.map_or_else(|_| at.to_string(), |it| it.date().to_string())
}

impl Moment {
    /// Returns the time for `zone` at `now`, or an error if it has none between 1970 and 9999.
    pub fn in_zone(self, zone: &TimeZone, now: UnixSeconds) -> Result<UnixSeconds, &'static str> {
        let at = match self {
            Self::At(at) => Some(at),
            Self::SecondsAgo(seconds) => now.get().checked_sub(seconds).and_then(UnixSeconds::new),
            Self::Midnight(date) => midnight(date, zone),
            Self::DaysAgo(days) => {
                let now = Timestamp::from_second(now.get()).map_err(|_| OUT_OF_CALENDAR)?;
                let today = now.to_zoned(zone.clone()).date();
                let date =
                    today.checked_sub(Span::new().days(days)).map_err(|_| OUT_OF_CALENDAR)?;
                midnight(date, zone)
            }
        };
        at.ok_or(OUT_OF_CALENDAR)
    }
}

impl Period {
    /// Returns the beginning and the end; the end is exclusive.
    pub fn bounds(self, fiscal_year: FiscalYearStart) -> [Moment; 2] {
        match self {
            Self::Days { first, end } => [first, end],
            Self::FiscalYear(january) => [0, 12].map(|months| {
                let months = Span::new().months(fiscal_year.0 - 1 + months);
                Moment::Midnight(january.saturating_add(months))
            }),
        }
    }
}

impl FiscalYearStart {
    /// Returns the start with the month of that number, 1 for January.
    #[must_use]
    pub fn new(month: i8) -> Option<Self> {
        (1..=12).contains(&month).then_some(Self(month))
    }
}

/// Returns the first moment of a day: where the clocks skip its midnight, that after the gap.
fn midnight(date: Date, zone: &TimeZone) -> Option<UnixSeconds> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    UnixSeconds::new(midnight.timestamp().as_second())
}

/// Parses a length of time, such as `4h`, in seconds.
pub fn length_seconds(text: &str) -> Result<i64, &'static str> {
    age_seconds(text).ok_or("give a length of time (30m, 4h, 7d)")
}

/// Parses an age in seconds, minutes, hours, days or weeks.
fn age_seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        "w" => 7 * 24 * 3600,
        _ => return None,
    };
    if !number.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// Parses a date that has all its digits and hyphens.
fn day(text: &str) -> Option<Date> {
    let all_there = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if all_there { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
