//! The daily digest: its schedule and its content.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::alert::{ArrivedPayouts, Digest, ReportSummary};
use crate::donation::{DonationFilter, DonationState};
use crate::ids::EnumWord;
use crate::ledger::PayoutStatus;
use crate::payouts::{StatementState, lookup};
use crate::ports::{Ledger, PayoutFilter, Store, StoreError};
use crate::time::{Day, UnixSeconds};

/// The largest number of donations that are counted as pending, failed or provisional.
const COUNTED_MAX: u32 = 10_000;

/// The most payouts of one day.
const PAYOUTS_MAX: u32 = 100;

/// The greatest age, in seconds, of a completeness report that covers yesterday.
const REPORT_SECONDS_MAX: i64 = 2 * 24 * 3600;

/// The time at which the digest of the day before is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The time of day.
    pub at: Time,
    /// The time zone of the days.
    pub zone: TimeZone,
}

impl Schedule {
    /// Returns the day whose digest is the latest one due at `now`; `None` at the calendar's edge.
    #[must_use]
    pub fn due(&self, now: UnixSeconds) -> Option<Day> {
        let local = Timestamp::from_second(now.get()).ok()?.to_zoned(self.zone.clone());
        let not_yet_today = i32::from(local.time() < self.at);
        Day::of(local.date().checked_sub((1 + not_yet_today).days()).ok()?, &self.zone)
    }
}

/// Reads a time of day as it is configured, such as `09:00`.
#[must_use]
pub fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok()
}

/// Returns the figures of `day`.
///
/// # Errors
/// If the store failed.
pub async fn digest(store: &dyn Store, day: Day, now: UnixSeconds) -> Result<Digest, StoreError> {
    let of_day = DonationFilter {
        since: Some(day.since),
        until: Some(day.until),
        ..DonationFilter::default()
    };
    let in_state = |state| DonationFilter { state: Some(state), ..of_day.clone() };
    let provisional = DonationFilter { provisional: Some(true), ..in_state(DonationState::Paid) };
    let backlog = store.backlog().await?;
    let date = day.date.to_string();
    Ok(Digest {
        day: EnumWord::new(&date).ok_or_else(|| StoreError::Failed(format!("{date} is no day")))?,
        totals: store.totals(&of_day).await?,
        pending: count(store, &in_state(DonationState::Pending)).await?,
        failed: count(store, &in_state(DonationState::Failed)).await?,
        provisional: count(store, &provisional).await?,
        awaiting_object: backlog.awaiting_object,
        dead: backlog.dead,
        payouts: arrived(store, &date).await?,
        report: last_report(store, now).await?,
    })
}

/// Returns the payouts that reached the bank on that date, which is Stripe's, in no time zone.
async fn arrived(store: &dyn Store, date: &str) -> Result<Vec<ArrivedPayouts>, StoreError> {
    let arrives_since = UnixSeconds::from_utc_date(date);
    let arrives_until = arrives_since.map(|it| it.after(SignedDuration::from_hours(24)));
    let filter = PayoutFilter { livemode: None, arrives_since, arrives_until };
    let mut sums: Vec<ArrivedPayouts> = Vec::new();
    for row in store.payouts(&filter, None, PAYOUTS_MAX).await? {
        let payout = &row.payout;
        if payout.status != PayoutStatus::Paid {
            continue;
        }
        let statement = lookup::statement(store, &row).await?;
        let explained = u64::from(statement.state == StatementState::Explained);
        let of = |it: &&mut ArrivedPayouts| {
            (&it.currency, it.livemode) == (&payout.currency, payout.livemode)
        };
        match sums.iter_mut().find(of) {
            Some(sum) => {
                sum.count = sum.count.saturating_add(1);
                sum.explained = sum.explained.saturating_add(explained);
                sum.amount = sum.amount.saturating_add(payout.amount);
            }
            None => sums.push(ArrivedPayouts {
                currency: payout.currency.clone(),
                livemode: payout.livemode,
                count: 1,
                explained,
                amount: payout.amount,
            }),
        }
    }
    Ok(sums)
}

async fn last_report(
    store: &dyn Store,
    now: UnixSeconds,
) -> Result<Option<ReportSummary>, StoreError> {
    let last = store.reports(None, 1).await?.into_iter().next();
    let recent = last.filter(|(_, it)| now.since(it.made_at) < REPORT_SECONDS_MAX);
    Ok(recent.map(|(number, it)| ReportSummary {
        number,
        window: it.window,
        verdict: it.verdict(),
        shown: it.shown,
        here: it.here(),
        repaired: it.repaired,
        open: it.open,
    }))
}

async fn count(store: &dyn Ledger, filter: &DonationFilter) -> Result<u64, StoreError> {
    store.donations(filter, None, COUNTED_MAX).await.map(|donations| donations.len() as u64)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use jiff::tz::{Offset, TimeZone};

    use super::{Schedule, time_of_day};
    use crate::time::UnixSeconds;

    fn due(at: &str) -> (String, String, String) {
        let zone = TimeZone::fixed(Offset::constant(9));
        let schedule = Schedule { at: time(9, 0, 0, 0), zone };
        let day = schedule.due(UnixSeconds::from_rfc3339(at).unwrap()).unwrap();
        (day.date.to_string(), day.since.to_string(), day.until.to_string())
    }

    #[test]
    fn from_nine_on_it_is_about_yesterday() {
        let yesterday = (
            "2026-11-21".to_owned(),
            "2026-11-20T15:00:00Z".to_owned(),
            "2026-11-21T15:00:00Z".to_owned(),
        );
        assert_eq!(due("2026-11-22T09:00:00+09:00"), yesterday);
        assert_eq!(due("2026-11-23T08:59:59+09:00"), yesterday);
        assert_eq!(due("2026-11-22T08:59:59+09:00").0, "2026-11-20");
    }

    #[test]
    fn a_time_of_day_has_two_digits_twice() {
        assert_eq!(time_of_day("09:05"), Some(time(9, 5, 0, 0)));
        assert_eq!(time_of_day("23:59"), Some(time(23, 59, 0, 0)));
        for text in ["", "9:05", "09:5", "24:00", "09:60", "+9:00", "09:00:00", "0900"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_day_of_the_calendar_has_no_yesterday_before_1970() {
        let schedule = Schedule { at: time(9, 0, 0, 0), zone: TimeZone::UTC };
        assert_eq!(schedule.due(UnixSeconds::default()), None);
    }
}
