//! Amounts and times in pages.

use maud::{Markup, html};
use portal_domain::money::for_people;
use portal_domain::{Currency, UnixSeconds};

use crate::page_request::PageRequest;

/// Returns an amount for a text: `12,345 JPY`, or `12,345 円`.
pub(crate) fn money(page: &PageRequest, amount: i64, currency: &Currency) -> String {
    let text = for_people(amount, currency);
    match text.strip_suffix(" JPY") {
        Some(number) => page.pick(text.clone(), format!("{number} 円")),
        None => text,
    }
}

/// Returns a time of the page's time zone, with the same in UTC for programs.
pub(crate) fn time(page: &PageRequest, at: UnixSeconds) -> Markup {
    let utc = jiff::Timestamp::from_second(at.get()).map(|it| it.to_string()).unwrap_or_default();
    html! { time datetime=(utc) title=(utc) { (short_time(page, at)) } }
}

/// Returns a time of the page's time zone, to the minute.
pub(crate) fn short_time(page: &PageRequest, at: UnixSeconds) -> String {
    let local = jiff::Timestamp::from_second(at.get()).map(|it| it.to_zoned(page.zone().clone()));
    local.map_or_else(|_| at.to_string(), |it| it.strftime("%Y-%m-%d %H:%M").to_string())
}
