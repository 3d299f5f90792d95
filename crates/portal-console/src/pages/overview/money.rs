//! The money on the first page: today, this month, and the donations by day.

use futures::future::try_join;
use jiff::Timestamp;
use maud::{Markup, html};
use portal_domain::figures::Figures;
use portal_domain::{Donation, DonationFilter};

use super::by_day::ChartRange;
use super::by_day_chart::{as_of, by_day_chart};
use super::sums_by_day::sums;
use crate::Desk;
use crate::donation_page::DonationPage;
use crate::donation_rows::donation_rows;
use crate::livemode::{livemode, mode_switch};
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};
use crate::period_query::period_bounds;
use crate::sum_table::{MoneySums, sum_table};

/// The number of donations in the list.
const DONATIONS_SHOWN: u32 = 10;

/// The part of the first page that is about money. Its sums are the prepared ones: at a large portal
/// those of a month would be read from hundreds of thousands of donations.
pub(super) struct MoneyOverview {
    livemode: bool,
    range: ChartRange,
    figures: Option<Figures>,
    /// The periods with their names and sums.
    sums: Vec<(String, &'static str, MoneySums)>,
    last: Vec<Donation>,
}

impl MoneyOverview {
    pub(super) async fn read(desk: &Desk, page: &PageRequest) -> Result<Self, PageError> {
        let (store, range) = (&*desk.store, ChartRange::read(page)?);
        let livemode = livemode(desk, page).await?;
        let of_mode = DonationFilter { livemode: Some(livemode), ..DonationFilter::default() };
        let searched = desk.limits.rows_searched;
        let last = DonationPage::read(store, &of_mode, None, DONATIONS_SHOWN, searched);
        let (figures, last) = try_join(Figures::read(store), last).await?;
        let periods = [
            ("today".to_owned(), page.pick("Today", "今日")),
            (this_month(page), page.pick("This month", "今月")),
        ];
        let mut of_periods = Vec::new();
        for (period, name) in periods.into_iter().filter(|_| figures.is_some()) {
            let bounds = period_bounds(page, &period)?;
            let days = figures.as_ref().map(|it| &*it.days).unwrap_or_default();
            of_periods.push((period, name, sums(days, bounds, livemode)));
        }
        Ok(Self { livemode, range, figures, sums: of_periods, last: last.donations })
    }

    pub(super) fn show(&self, page: &PageRequest) -> Markup {
        let mode = if self.livemode { "live" } else { "test" };
        let list = |period: &str| address("/ops/donations", [("mode", mode), ("period", period)]);
        html! {
            (mode_switch(page, self.livemode))
            @for (period, name, sums) in &self.sums {
                h2 { a href=(list(period)) { (name) } }
                (sum_table(page, sums, name))
            }
            @if let Some(figures) = &self.figures { p { (as_of(page, figures.made_at)) } }
            (by_day_chart(page, self.figures.as_ref(), self.range, self.livemode))
            h2 { (page.pick("Last donations", "最近の寄付")) }
            @if self.last.is_empty() {
                p { (page.pick("No donation has come yet.", "寄付はまだありません。")) }
            } @else {
                (donation_rows(page, &self.last))
            }
        }
    }
}

/// Returns the present month as a period.
fn this_month(page: &PageRequest) -> String {
    let now = Timestamp::from_second(page.now.get()).unwrap_or_default();
    now.to_zoned(page.zone().clone()).strftime("%Y-%m").to_string()
}
