//! Durations for people.

use crate::language::Language;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A unit is used from two of it on, so that rounding down loses little.
const SECONDS_END: i64 = 2 * MINUTE;
const MINUTES_END: i64 = 2 * HOUR;
const HOURS_END: i64 = 2 * DAY;

/// Returns a duration of so many seconds, rounded down: `12 min`, or `12 分`.
#[must_use]
pub fn duration(seconds: i64, language: Language) -> String {
    let (count, unit) = match seconds {
        ..SECONDS_END => (seconds, language.pick("s", "秒")),
        SECONDS_END..MINUTES_END => (seconds / MINUTE, language.pick("min", "分")),
        MINUTES_END..HOURS_END => (seconds / HOUR, language.pick("h", "時間")),
        HOURS_END.. => (seconds / DAY, language.pick("days", "日")),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::duration;
    use crate::language::Language;

    #[test]
    fn the_unit_is_the_largest_that_fits_twice() {
        for (seconds, expected) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7199, "119 min"),
            (7200, "2 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(duration(seconds, Language::En), expected);
        }
        assert_eq!(duration(300, Language::Ja), "5 分");
    }
}
