//! The events of each hour beside those that are usual at that hour of the week.

use portal_domain::{DeliveryHour, HourSpan, UnixSeconds};

/// The number of hours that the chart shows.
pub(super) const HOURS_SHOWN: i64 = 48;

const HOUR_SECONDS: i64 = 3600;

/// The hours from one hour to the same hour of the week after.
const WEEK_HOURS: i64 = 7 * 24;

/// The weeks before that show what is usual.
pub(super) const WEEKS: i64 = 4;

/// The least number of weeks that do.
const WEEKS_MIN: usize = 2;

/// The time after which an hour is rolled up, in seconds: the monitor does that each hour, in its first
/// minute.
const ROLLED_UP_AFTER: i64 = 120;

/// An hour of the chart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HourBar {
    pub(super) at: UnixSeconds,
    pub(super) received: u64,
    pub(super) usual: Option<UsualEvents>,
}

/// The numbers of events of the same hour in the weeks before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsualEvents {
    /// One in ten was less.
    pub(super) low: u64,
    pub(super) median: u64,
    /// One in ten was more.
    pub(super) high: u64,
}

/// Returns the hours to read: those that are shown, and the same of each week before.
pub(super) fn spans(now: UnixSeconds) -> Vec<HourSpan> {
    let end = end(now);
    let week = |week: i64| [end - HOURS_SHOWN, end].map(|hour| start_of(hour - week * WEEK_HOURS));
    (0..=WEEKS).map(week).collect()
}

/// Returns the bars of `hours`, which are those of [`spans`], the oldest first.
pub(super) fn bars(hours: &[DeliveryHour], now: UnixSeconds) -> Vec<HourBar> {
    let (first, end) = (end(now) - HOURS_SHOWN, end(now));
    let events = |hour: i64| {
        let found = hours.binary_search_by_key(&hour, |it| it.hour).ok();
        found.and_then(|place| hours.get(place)).map_or(0, |it| it.events)
    };
    // A week in which nothing came says nothing: the portal may be younger.
    let has_any = |week: &i64| (first..end).any(|hour| events(hour - week * WEEK_HOURS) > 0);
    let weeks: Vec<_> = (1..=WEEKS).filter(has_any).collect();
    let bar = |hour| {
        let before = weeks.iter().map(|week| events(hour - week * WEEK_HOURS)).collect();
        HourBar { at: start_of(hour), received: events(hour), usual: UsualEvents::of(before) }
    };
    (first..end).map(bar).collect()
}

impl UsualEvents {
    fn of(mut weeks: Vec<u64>) -> Option<Self> {
        if weeks.len() < WEEKS_MIN {
            return None;
        }
        weeks.sort_unstable();
        let share = |percent: usize| weeks.get((weeks.len() * percent).div_ceil(100) - 1).copied();
        Some(Self { low: share(10)?, median: share(50)?, high: share(90)? })
    }
}

/// Returns the hour after the last one that is shown.
fn end(now: UnixSeconds) -> i64 {
    (now.get() - ROLLED_UP_AFTER).div_euclid(HOUR_SECONDS)
}

fn start_of(hour: i64) -> UnixSeconds {
    UnixSeconds::new(hour * HOUR_SECONDS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::UsualEvents;

    #[test]
    fn the_usual_number_is_the_median_of_the_weeks_before() {
        let usual = |weeks: &[u64]| UsualEvents::of(weeks.to_vec());
        let of = |low, median, high| Some(UsualEvents { low, median, high });
        assert_eq!(usual(&[9, 0, 5, 4]), of(0, 4, 9));
        assert_eq!(usual(&[7, 3]), of(3, 3, 7));
        assert_eq!(usual(&[3]), None);
        assert_eq!(usual(&[]), None);
    }
}
