//! The money on the first page: today, this month, and the donations by day.

use jiff::Timestamp;
use maud::{Markup, html};
use portal_domain::DonationFilter;
use portal_domain::figures::Figures;

use super::by_day::ChartRange;
use super::by_day_chart::by_day_chart;
use crate::Desk;
use crate::donation_query::{paid_in, period_bounds};
use crate::donation_rows::donation_rows;
use crate::livemode::{livemode, mode_switch};
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};
use crate::sum_table::{MoneySums, sum_table};

/// The number of donations in the list.
const DONATIONS_SHOWN: u32 = 10;

/// Returns the part of the first page that is about money.
pub(super) async fn money(desk: &Desk, page: &PageRequest) -> Result<Markup, PageError> {
    let range = ChartRange::read(page)?;
    let (store, livemode) = (&*desk.store, livemode(desk, page).await?);
    let paid = |bounds| paid_in(bounds, livemode);
    let month = this_month(page);
    let periods =
        [("today", page.pick("Today", "今日")), (&*month, page.pick("This month", "今月"))];
    let mut sums = Vec::new();
    for (period, name) in periods {
        let certain = paid(period_bounds(page, period)?);
        let certain = DonationFilter { provisional: Some(false), ..certain };
        sums.push((period, name, MoneySums::read(store, &certain).await?));
    }
    let figures = Figures::read(store).await?;
    let of_mode = DonationFilter { livemode: Some(livemode), ..DonationFilter::default() };
    let last = store.donations(&of_mode, None, DONATIONS_SHOWN).await?;
    let mode = if livemode { "live" } else { "test" };
    let list = |period| address("/ops/donations", [("mode", mode), ("period", period)]);
    Ok(html! {
        (mode_switch(page, livemode))
        @for (period, name, sums) in &sums {
            h2 { a href=(list(period)) { (name) } }
            (sum_table(page, sums, name))
        }
        (by_day_chart(page, figures.as_ref(), range, livemode))
        h2 { (page.pick("Last donations", "最近の寄付")) }
        @if last.is_empty() {
            p { (page.pick("No donation has come yet.", "寄付はまだありません。")) }
        } @else {
            (donation_rows(page, &last))
        }
    })
}

/// Returns the present month as a period.
fn this_month(page: &PageRequest) -> String {
    let now = Timestamp::from_second(page.now.get()).unwrap_or_default();
    now.to_zoned(page.zone().clone()).strftime("%Y-%m").to_string()
}
