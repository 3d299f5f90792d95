//! The numbers of donations by day and kind, from the prepared figures.

use jiff::tz::TimeZone;
use portal_domain::figures::{DayFigures, Figures};
use portal_service::period::day_in_zone;

use crate::money_words::KINDS;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::query_key::QueryKey;

const DAYS: QueryKey = QueryKey { key: "days", form: "30 | 90 | 365" };

/// The days of a week, which a year is shown by.
const WEEK: usize = 7;

/// The time that the chart shows, up to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChartRange {
    Month,
    Quarter,
    Year,
}

/// The donations of a day, or of the days up to the next bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayBar {
    /// The date of the first day.
    pub(super) day: String,
    /// The numbers in the order of [`KINDS`].
    pub(super) counts: [u64; 3],
}

impl ChartRange {
    pub(super) const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// Reads the range of the address.
    pub(super) fn read(page: &PageRequest) -> Result<Self, PageError> {
        let Some(days) = page.value(DAYS.key) else { return Ok(Self::Month) };
        let found = Self::ALL.into_iter().find(|it| it.days().to_string() == days);
        found.ok_or_else(|| DAYS.refusal())
    }

    pub(super) fn days(self) -> usize {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    /// Returns the number of days of a bar.
    pub(super) fn days_of_bar(self) -> usize {
        match self {
            Self::Month | Self::Quarter => 1,
            Self::Year => WEEK,
        }
    }
}

impl DayBar {
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the sum of the kinds before that at a place, and that with it.
    pub(super) fn stacked(&self, place: usize) -> [u64; 2] {
        [place, place + 1].map(|end| self.counts.iter().take(end).sum())
    }

    fn of(days: &[DayFigures], livemode: bool, zone: &TimeZone) -> Self {
        let mut bar = Self { day: String::new(), counts: [0; 3] };
        if let Some(first) = days.first() {
            bar.day = day_in_zone(first.since, zone);
        }
        for total in days.iter().flat_map(|it| &it.totals).filter(|it| it.livemode == livemode) {
            let place = KINDS.iter().position(|kind| *kind == total.kind);
            if let Some(count) = place.and_then(|place| bar.counts.get_mut(place)) {
                *count = count.saturating_add(total.count);
            }
        }
        bar
    }
}

/// Returns the bars of one mode, the oldest first; the last one ends with today.
pub(super) fn bars(
    figures: &Figures,
    range: ChartRange,
    livemode: bool,
    zone: &TimeZone,
) -> Vec<DayBar> {
    let before = figures.days.len().saturating_sub(range.days());
    let days = figures.days.get(before..).unwrap_or_default();
    let mut bars: Vec<_> =
        days.rchunks(range.days_of_bar()).map(|it| DayBar::of(it, livemode, zone)).collect();
    bars.reverse();
    bars
}
