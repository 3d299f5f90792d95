//! The period of a statement.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use portal_domain::UnixSeconds;
use portal_service::period::{FISCAL_YEAR, day_in_zone};

use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::period_query::period_bounds;

/// The key of the address that asks for years of the Japanese era.
pub(super) const ERA: &str = "era";

/// The first days of the eras that statements may be of: Stripe came to Japan in 2016.
const ERAS: [(Date, &str); 2] = [(date(1989, 1, 8), "平成"), (date(2019, 5, 1), "令和")];

/// The period of a statement, as the address has it, and its bounds.
pub(crate) struct StatementPeriod {
    pub(crate) text: String,
    pub(crate) bounds: [UnixSeconds; 2],
}

impl StatementPeriod {
    /// Reads the period of the address; without one it is the last month that is over.
    pub(crate) fn read(page: &PageRequest) -> Result<Self, PageError> {
        let text = page.value("period").map(str::to_owned);
        let text = text.or_else(|| last_month(page)).unwrap_or_else(|| "today".to_owned());
        Ok(Self { bounds: period_bounds(page, &text)?, text })
    }

    /// Returns the title of the statement.
    pub(super) fn title(&self, page: &PageRequest) -> String {
        let fiscal = self.text.strip_prefix(FISCAL_YEAR).map(|it| format!("fiscal year {it}"));
        let text = match &*self.text {
            "today" | "yesterday" => self.days(page),
            text => page
                .pick(fiscal, japanese(text, self.year_of_era(page)))
                .unwrap_or_else(|| text.to_owned()),
        };
        format!("{} {text}", page.pick("Statement", "明細"))
    }

    /// Returns the era and its year of the first day, such as 令和8, where the address asks for it and
    /// the era is known.
    fn year_of_era(&self, page: &PageRequest) -> Option<String> {
        page.value(ERA).filter(|it| *it == "1")?;
        let first = jiff::Timestamp::from_second(self.bounds[0].get()).ok()?;
        let first = first.to_zoned(page.zone().clone()).date();
        let (begin, name) = ERAS.iter().rev().find(|(begin, _)| *begin <= first)?;
        Some(match first.year() - begin.year() + 1 {
            1 => format!("{name}元"),
            year => format!("{name}{year}"),
        })
    }

    /// Returns the first and the last day.
    pub(crate) fn days(&self, page: &PageRequest) -> String {
        let [since, until] = self.bounds;
        let last = until.after(jiff::SignedDuration::from_secs(-1));
        let [first, last] = [since, last].map(|it| day_in_zone(it, page.zone()));
        if first == last { first } else { format!("{first} – {last}") }
    }
}

/// Returns a year, a fiscal year, a month or a day as it is written in Japanese; before that of the
/// calendar stands the year of the era, where there is one.
fn japanese(period: &str, year_of_era: Option<String>) -> Option<String> {
    let (period, unit) =
        period.strip_prefix(FISCAL_YEAR).map_or((period, "年"), |year| (year, "年度"));
    let mut parts = period.split('-').map(|it| it.parse::<u16>().ok());
    let mut text = format!("{}{unit}", parts.next()??);
    if let Some(era) = year_of_era {
        text = format!("{era}{unit}（{text}）");
    }
    for (part, unit) in parts.zip(["月", "日"]) {
        text = format!("{text}{}{unit}", part?);
    }
    Some(text)
}

fn last_month(page: &PageRequest) -> Option<String> {
    let now = jiff::Timestamp::from_second(page.now.get()).ok()?.to_zoned(page.zone().clone());
    let before = now.date().first_of_month().checked_sub(1.day()).ok()?;
    Some(before.strftime("%Y-%m").to_string())
}
