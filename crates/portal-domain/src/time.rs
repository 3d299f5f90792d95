//! Moments, in the one unit that Stripe and the store share, and the clock that tells them.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A moment: whole seconds since 1970-01-01T00:00:00Z.
///
/// Never before 1970 nor after the year 9999, so that it can be printed as a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UnixSeconds(i64);

/// One day of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    /// Its first second. A day whose midnight the clocks skip begins with the first one that exists.
    pub since: UnixSeconds,
    /// The first second after it.
    pub until: UnixSeconds,
}

impl Day {
    /// Returns the day of that date; `None` at the calendar's edge.
    #[must_use]
    pub fn of(date: Date, zone: &TimeZone) -> Option<Self> {
        let midnight = |date: Date| {
            let midnight = date.to_zoned(zone.clone()).ok()?;
            UnixSeconds::new(midnight.timestamp().as_second())
        };
        Some(Self { date, since: midnight(date)?, until: midnight(date.tomorrow().ok()?)? })
    }
}

/// The host's clocks.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> UnixSeconds;

    /// Time since some fixed moment, never going backwards.
    fn monotonic(&self) -> Duration;
}

impl UnixSeconds {
    /// The moment `seconds` after the epoch; `None` before it, and after the year 9999.
    #[must_use]
    pub fn new(seconds: i64) -> Option<Self> {
        let in_calendar = seconds >= 0 && Timestamp::from_second(seconds).is_ok();
        in_calendar.then_some(Self(seconds))
    }

    /// Reads an RFC 3339 time, as thin events carry it; fractions of a second are dropped.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().and_then(|at| Self::new(at.as_second()))
    }

    /// Seconds since the epoch.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The moment so much later, or earlier where that is negative, but not before 1970. After the
    /// calendar's end it stays where it is.
    #[must_use]
    pub fn after(self, duration: SignedDuration) -> Self {
        let seconds = self.0.saturating_add(duration.as_secs());
        Self::new(seconds.max(0)).unwrap_or(self)
    }

    /// The date in UTC, such as `2026-10-30`: a day that Stripe gives as midnight is that day everywhere.
    #[must_use]
    pub fn utc_date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Returns the midnight of such a date; `None` if it is none.
    #[must_use]
    pub fn from_utc_date(date: &str) -> Option<Self> {
        Self::from_rfc3339(&format!("{date}T00:00:00Z"))
    }

    /// Seconds from `earlier` to `self`; negative where `self` is the earlier one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for UnixSeconds {
    /// RFC 3339 in UTC, such as `2026-11-22T13:50:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(at) => at.fmt(f),
            Err(_) => self.0.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for UnixSeconds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        Self::new(seconds).ok_or_else(|| serde::de::Error::custom("no calendar date"))
    }
}

#[cfg(test)]
mod tests {
    use super::UnixSeconds;

    #[test]
    fn the_time_of_a_thin_event_loses_its_milliseconds() {
        let at = UnixSeconds::from_rfc3339("2026-10-05T03:14:15.926Z").unwrap();
        assert_eq!(at.to_string(), "2026-10-05T03:14:15Z");
    }

    #[test]
    fn nothing_is_before_1970() {
        let at = UnixSeconds::new(10).unwrap();
        assert_eq!(at.after(jiff::SignedDuration::from_secs(-3)).get(), 7);
        assert_eq!(at.after(jiff::SignedDuration::MIN).get(), 0);
    }

    #[test]
    fn a_moment_that_no_calendar_has_is_refused() {
        assert_eq!(UnixSeconds::new(i64::MAX), None);
        assert_eq!(UnixSeconds::new(-1), None);
        assert_eq!(UnixSeconds::from_rfc3339("yesterday"), None);
    }
}
