//! Times and periods, as they are written on the command line.
//!
//! A date means its midnight, and midnight depends on where one is: what was written is kept until
//! the time zone is known.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use portal_domain::UnixSeconds;

/// Fewer digits are a year, or a date without hyphens; nine of them are 1973.
const UNIX_SECONDS_DIGITS_MIN: usize = 9;

/// What is said of a date that has no midnight between 1970 and 9999.
const OUT_OF_CALENDAR: &str = "it must be a time after 1970 and before 9999";

/// Where days begin, and by whose clocks times are shown.
#[derive(clap::Args)]
pub(crate) struct Zone {
    /// In which time zone dates are meant and times are shown, by its IANA name
    #[arg(long, env = "TIME_ZONE", default_value = "UTC", value_name = "ZONE", value_parser = zone)]
    pub(crate) time_zone: TimeZone,
}

/// A moment, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The first moment of a day.
    Midnight(Date),
    /// The same everywhere.
    At(UnixSeconds),
}

/// A day, a month or a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    first: Date,
    /// The day after the last one.
    end: Date,
}

/// Reads a date, an RFC 3339 time or Unix seconds.
pub(crate) fn moment(text: &str) -> Result<Moment, &'static str> {
    if let Some(date) = day(text) {
        return Ok(Moment::Midnight(date));
    }
    let seconds = || {
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        let enough = text.len() >= UNIX_SECONDS_DIGITS_MIN;
        (digits && enough).then(|| text.parse().ok().and_then(UnixSeconds::new))?
    };
    UnixSeconds::from_rfc3339(text).or_else(seconds).map(Moment::At).ok_or(
        "give a date (2026-11-22), an RFC 3339 time (2026-11-22T09:00:00+09:00) or Unix seconds",
    )
}

/// Reads a day, a month or a year.
pub(crate) fn period(text: &str) -> Result<Period, &'static str> {
    let (first, length) = match text.len() {
        4 => (day(&format!("{text}-01-01")), Span::new().years(1)),
        7 => (day(&format!("{text}-01")), Span::new().months(1)),
        _ => (day(text), Span::new().days(1)),
    };
    let first = first.ok_or("give a year (2026), a month (2026-11) or a day (2026-11-22)")?;
    let end = first.checked_add(length).map_err(|_| OUT_OF_CALENDAR)?;
    Ok(Period { first, end })
}

/// Reads the name of a time zone as the IANA database writes it.
pub(crate) fn zone(name: &str) -> Result<TimeZone, &'static str> {
    let zone = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    zone.filter(|zone| !zone.is_unknown())
        .ok_or("a time zone is named as in the IANA database: Asia/Tokyo, Europe/Berlin, UTC")
}

/// `at` by the clocks of `zone`, to the second.
pub(crate) fn in_zone(at: UnixSeconds, zone: &TimeZone) -> String {
    let local = Timestamp::from_second(at.get()).map(|at| at.to_zoned(zone.clone()));
    local.map_or_else(|_| at.to_string(), |it| it.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

/// The day of `at` in `zone`.
pub(crate) fn day_in_zone(at: UnixSeconds, zone: &TimeZone) -> String {
    let local = Timestamp::from_second(at.get()).map(|at| at.to_zoned(zone.clone()));
    local.map_or_else(|_| at.to_string(), |it| it.date().to_string())
}

impl Moment {
    /// When that is in `zone`.
    pub(crate) fn in_zone(self, zone: &TimeZone) -> Result<UnixSeconds, &'static str> {
        match self {
            Self::At(at) => Ok(at),
            // Where clocks skip midnight, the day begins when they have done so.
            Self::Midnight(date) => date
                .to_zoned(zone.clone())
                .ok()
                .and_then(|midnight| UnixSeconds::new(midnight.timestamp().as_second()))
                .ok_or(OUT_OF_CALENDAR),
        }
    }
}

impl Period {
    /// When it begins, and when it is over.
    pub(crate) fn bounds(self) -> [Moment; 2] {
        [Moment::Midnight(self.first), Moment::Midnight(self.end)]
    }
}

/// A date, with all its digits and hyphens.
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
