//! Figures for charts: the totals of each day, prepared by a job, so that a page reads one row.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::donation::Total;
use crate::ids::EventId;
use crate::ports::{Backlog, EventFilter, Store, StoreError};
use crate::time::{Day, UnixSeconds};

/// The name of the job. Its state is [`Figures`] as JSON.
pub const FIGURES_JOB: &str = "figures";

/// The number of days that the figures have, today included: a year, with its 29 February.
pub const FIGURES_DAYS: usize = 366;

/// The number of last days that are added up each time. The others change by refunds and disputes
/// only, and are added up once a day.
const FRESH_DAYS: usize = 2;

/// The totals of the last days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub made_at: UnixSeconds,
    /// The time at which all days were added up last.
    whole_at: UnixSeconds,
    /// The mark of what the inbox held then.
    of: RecordedSoFar,
    /// The days, the oldest first.
    pub days: Vec<DayFigures>,
}

/// The mark of what the inbox held. While it holds the same, donations change only by an operator who
/// reprocesses what is processed, which the next day shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RecordedSoFar {
    last_event: Option<EventId>,
    dead: u64,
    awaiting_object: u64,
}

/// The totals of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// Its first second, in the time zone of the portal.
    pub since: UnixSeconds,
    /// The first second after it.
    pub until: UnixSeconds,
    /// The totals of its paid and certain donations, by currency, kind and mode.
    pub totals: Vec<Total>,
}

impl Figures {
    /// Reads the figures that were prepared last; `None` if there are none.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        Ok(store.job_state(FIGURES_JOB).await?.as_deref().and_then(Self::from_json))
    }

    /// Returns the figures of a state of the job; `None` if they are of another version.
    #[must_use]
    pub fn from_json(state: &str) -> Option<Self> {
        serde_json::from_str(state).ok()
    }

    /// True if nothing was recorded or decided since, and it is still the day on which all days were
    /// added up.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn are_current(
        &self,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        let of_today =
            self.days.last().is_some_and(|it| self.whole_at >= it.since && now < it.until);
        Ok(of_today && RecordedSoFar::of(store).await? == self.of)
    }

    /// Adds up the days until `now` that are not in `before`, or may have changed since.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn prepare(
        store: &dyn Store,
        before: Option<Self>,
        zone: &TimeZone,
        now: UnixSeconds,
    ) -> Result<Self, StoreError> {
        let of = RecordedSoFar::of(store).await?;
        let days = last_days(zone, now);
        let is_of_today = |at: UnixSeconds| days.last().is_some_and(|today| at >= today.since);
        let before = before.filter(|it| is_of_today(it.whole_at));
        let whole_at = before.as_ref().map_or(now, |it| it.whole_at);
        let kept = before.map(|it| it.days).unwrap_or_default();
        let old = days.len().saturating_sub(FRESH_DAYS);
        let mut all = Vec::with_capacity(days.len());
        let mut stale = Vec::new();
        for (place, Day { since, until, .. }) in days.iter().copied().enumerate() {
            let same = |it: &&DayFigures| (it.since, it.until) == (since, until);
            let kept = kept.iter().filter(|_| place < old).find(same);
            if kept.is_none() {
                stale.push(place);
            }
            let totals = kept.map(|it| it.totals.clone()).unwrap_or_default();
            all.push(DayFigures { since, until, totals });
        }
        let asked: Vec<Day> = stale.iter().filter_map(|it| days.get(*it).copied()).collect();
        for (place, total) in store.totals_of_days(&asked).await? {
            let day = stale.get(place).and_then(|it| all.get_mut(*it));
            day.ok_or(StoreError::Corrupt)?.totals.push(total);
        }
        Ok(Self { made_at: now, whole_at, of, days: all })
    }
}

impl RecordedSoFar {
    async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let last = store.events(&EventFilter::latest(1)).await?.pop();
        let Backlog { dead, awaiting_object, .. } = store.backlog().await?;
        Ok(Self { last_event: last.map(|it| it.id), dead, awaiting_object })
    }
}

/// Returns the last days, today included, the oldest first.
fn last_days(zone: &TimeZone, now: UnixSeconds) -> Vec<Day> {
    let Ok(now) = Timestamp::from_second(now.get()) else { return Vec::new() };
    let mut date = now.to_zoned(zone.clone()).date();
    let mut days = Vec::with_capacity(FIGURES_DAYS);
    while days.len() < FIGURES_DAYS {
        days.extend(Day::of(date, zone));
        let Ok(yesterday) = date.checked_sub(1.day()) else { break };
        date = yesterday;
    }
    days.reverse();
    days
}
