//! The numbers of donations by day and kind.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use portal_domain::{Donation, Kind, UnixSeconds};

use crate::money_words::KINDS;

/// The period that is counted.
pub(super) const DAYS: &str = "30d";

/// Its number of days.
const DAYS_COUNT: i64 = 30;

/// The donations of one day.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayCounts {
    pub(super) day: Date,
    /// The numbers in the order of [`KINDS`].
    pub(super) counts: [u32; 3],
}

impl DayCounts {
    pub(super) fn total(&self) -> u32 {
        self.counts.iter().sum()
    }
}

/// Counts donations by day up to today, the last first in `donations`. Where more were not read, it
/// begins with the first day of which all were.
pub(super) fn by_day(
    donations: &[Donation],
    all_are_read: bool,
    zone: &TimeZone,
    now: UnixSeconds,
) -> Vec<DayCounts> {
    let (Some(today), oldest) = (day(now, zone), donations.last()) else { return Vec::new() };
    let days = (0..DAYS_COUNT).rev().filter_map(|ago| today.checked_sub(ago.days()).ok());
    let unread = oldest.filter(|_| !all_are_read).and_then(|it| day(it.at, zone));
    let days = days.filter(|day| unread.is_none_or(|unread| *day > unread));
    let mut counted: Vec<_> = days.map(|day| DayCounts { day, counts: [0; 3] }).collect();
    for donation in donations.iter().filter(|it| !it.provisional) {
        let Some(day) = day(donation.at, zone) else { continue };
        let place = KINDS.iter().position(|kind| *kind == donation.kind);
        let found = counted.iter_mut().find(|it| it.day == day);
        if let Some((found, place)) = found.zip(place)
            && let Some(count) = found.counts.get_mut(place)
        {
            *count += 1;
        }
    }
    counted
}

fn day(at: UnixSeconds, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_second(at.get()).ok()?.to_zoned(zone.clone()).date())
}

/// The class in the style sheet of the marks of a kind.
pub(super) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::OneTime => "one",
        Kind::Recurring => "recurring",
        Kind::Invoice => "invoice",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};
    use portal_contract::at;
    use portal_domain::{Currency, Donation, DonationState, Kind, ObjectId};

    use super::by_day;

    /// 2026-11-22T13:50:00Z
    const NOW: i64 = 1_795_355_400;

    fn donation(kind: Kind, days_ago: i64) -> Donation {
        Donation {
            id: ObjectId::new("pi_1").unwrap(),
            kind,
            state: DonationState::Paid,
            currency: Currency::new("jpy").unwrap(),
            amount: 1000,
            refunded: 0,
            lost: 0,
            net: 1000,
            dispute: None,
            provisional: false,
            out_of_band: false,
            livemode: true,
            paid_at: None,
            at: at(NOW - days_ago * 24 * 3600),
        }
    }

    #[test]
    fn days_without_donations_are_there_and_provisional_ones_are_not_counted() {
        let provisional = Donation { provisional: true, ..donation(Kind::OneTime, 0) };
        let donations = [provisional, donation(Kind::Invoice, 0), donation(Kind::OneTime, 29)];
        let days = by_day(&donations, true, &TimeZone::fixed(offset(9)), at(NOW));
        let counts: Vec<_> = days.iter().map(|it| it.counts).collect();
        assert_eq!((counts.len(), counts[0], counts[1]), (30, [1, 0, 0], [0; 3]));
        assert_eq!((days[29].day.to_string(), counts[29]), ("2026-11-22".to_owned(), [0, 0, 1]));
    }

    #[test]
    fn a_day_that_was_not_read_whole_is_left_out() {
        let donations = [donation(Kind::OneTime, 0), donation(Kind::OneTime, 3)];
        let days = by_day(&donations, false, &TimeZone::UTC, at(NOW));
        assert_eq!(days.iter().map(|it| it.total()).collect::<Vec<_>>(), [0, 0, 1]);
    }
}
