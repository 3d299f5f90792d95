//! Times as text.

use jiff::Timestamp;

/// The time for which Stripe lists and shows events (<https://docs.stripe.com/api/events>).
pub(crate) const EVENT_SECONDS: i64 = 30 * DAY;

pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) const HOUR: i64 = 3600;

/// Formats a time as in the header `Date`.
pub(crate) fn date(unix: i64) -> String {
    written(unix, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Formats a time as in a thin event, with milliseconds.
pub(crate) fn iso(unix: i64) -> String {
    written(unix, "%Y-%m-%dT%H:%M:%S.926Z")
}

/// Formats the day of the month, in UTC, with two digits.
pub(crate) fn day_of_month(unix: i64) -> String {
    written(unix, "%d")
}

fn written(unix: i64, format: &str) -> String {
    Timestamp::from_second(unix).unwrap_or_default().strftime(format).to_string()
}
