//! The period of a statement.

use jiff::ToSpan as _;
use portal_domain::UnixSeconds;
use portal_service::period::day_in_zone;

use crate::donation_query::period_bounds;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The period of a statement, as the address has it, and its bounds.
pub(super) struct StatementPeriod {
    pub(super) text: String,
    pub(super) bounds: [UnixSeconds; 2],
}

impl StatementPeriod {
    /// Reads the period of the address; without one it is the last month that is over.
    pub(super) fn read(page: &PageRequest) -> Result<Self, PageError> {
        let text = page.value("period").map(str::to_owned);
        let text = text.or_else(|| last_month(page)).unwrap_or_else(|| "today".to_owned());
        Ok(Self { bounds: period_bounds(page, &text)?, text })
    }

    /// Returns the title of the statement.
    pub(super) fn title(&self, page: &PageRequest) -> String {
        let text = match &*self.text {
            "today" | "yesterday" => self.days(page),
            text => match page.pick(None, japanese(text)) {
                Some(japanese) => japanese,
                None => text.to_owned(),
            },
        };
        format!("{} {text}", page.pick("Statement", "明細"))
    }

    /// Returns the first and the last day.
    pub(super) fn days(&self, page: &PageRequest) -> String {
        let [since, until] = self.bounds;
        let last = until.after(jiff::SignedDuration::from_secs(-1));
        let [first, last] = [since, last].map(|it| day_in_zone(it, page.zone()));
        if first == last { first } else { format!("{first} – {last}") }
    }
}

/// Returns a year, a month or a day as it is written in Japanese.
fn japanese(period: &str) -> Option<String> {
    let parts = period.split('-').zip(["年", "月", "日"]);
    parts.map(|(part, unit)| Some(format!("{}{unit}", part.parse::<u16>().ok()?))).collect()
}

fn last_month(page: &PageRequest) -> Option<String> {
    let now = jiff::Timestamp::from_second(page.now.get()).ok()?.to_zoned(page.zone().clone());
    let before = now.date().first_of_month().checked_sub(1.day()).ok()?;
    Some(before.strftime("%Y-%m").to_string())
}
