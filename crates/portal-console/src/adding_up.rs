//! Sums of donations, which are added up for each view of a page where they are few.

use maud::{Markup, html};
use portal_domain::figures::{DayFigures, Figures};
use portal_domain::money::number_for_people;
use portal_domain::{DonationFilter, StoreError};

use crate::Desk;
use crate::page_request::PageRequest;
use crate::sum_table::{MoneySums, sum_table};

/// The key of the query, and its value, with which the sum of many donations is asked for.
const SUMS: &str = "sums";
const ALL: &str = "all";

/// Returns the sums of the donations that a filter selects, unless more would be read for them than a page
/// reads unasked.
pub(crate) async fn sums_unless_many(
    desk: &Desk,
    page: &PageRequest,
    filter: &DonationFilter,
) -> Result<Option<MoneySums>, StoreError> {
    if page.value(SUMS) != Some(ALL) && is_many(desk, filter).await? {
        return Ok(None);
    }
    MoneySums::read(&*desk.store, filter).await.map(Some)
}

/// Shows the sums, or says why there are none.
pub(crate) fn sums_or_why_not(
    desk: &Desk,
    page: &PageRequest,
    sums: Option<&MoneySums>,
    caption: &str,
) -> Markup {
    let most = number_for_people(desk.limits.donations_added_up.into());
    html! {
        @if let Some(sums) = sums {
            (sum_table(page, sums, caption))
        } @else {
            p {
                (page.pick(
                    format!("More than {most} donations are not added up unasked: choose a shorter period, or "),
                    format!("{most} 件を超える寄付は自動では合計しません。期間を短くするか、"),
                ))
                a href=(page.with(SUMS, Some(ALL))) { (page.pick("add them up", "合計を計算")) }
                (page.pick(".", "してください。"))
            }
        }
    }
}

/// True if the filter's period has many donations: by the prepared figures, and where these do not have all
/// of it, by so many steps along the index. Those of the other mode count: they are read as well.
async fn is_many(desk: &Desk, filter: &DonationFilter) -> Result<bool, StoreError> {
    let most = desk.limits.donations_added_up;
    let days = Figures::read(&*desk.store).await?.map(|it| it.days).unwrap_or_default();
    let is_within = |it: &&DayFigures| {
        filter.since.is_none_or(|since| it.until > since)
            && filter.until.is_none_or(|until| it.since < until)
    };
    let totals = days.iter().filter(is_within).flat_map(|it| &it.totals);
    if totals.map(|it| it.count).sum::<u64>() > most.into() {
        return Ok(true);
    }
    let first = days.first().map(|it| it.since);
    if first.is_some_and(|first| filter.since.is_some_and(|since| since >= first)) {
        return Ok(false);
    }
    Ok(desk.store.donation_at(&filter.by_index(), None, most).await?.is_some())
}
