//! The mode of a page about money: live and test money never stand together.

use maud::{Markup, html};
use portal_domain::DonationFilter;

use crate::Desk;
use crate::query_key::QueryKey;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::words::mode;

const MODE: QueryKey = QueryKey { key: "mode", form: "live | test" };

/// Returns the mode that the page is about: that of its address, else live mode where the service is in
/// live mode or has any live donation.
pub(crate) async fn livemode(desk: &Desk, page: &PageRequest) -> Result<bool, PageError> {
    match page.value(MODE.key) {
        Some("live") => Ok(true),
        Some("test") => Ok(false),
        Some(_) => Err(MODE.refusal()),
        None if desk.context.livemode == Some(true) => Ok(true),
        None => {
            let live = DonationFilter { livemode: Some(true), ..DonationFilter::default() };
            Ok(!desk.store.donations(&live, None, 1).await?.is_empty())
        }
    }
}

/// Returns the name of the mode and a link to the same page about the other one.
pub(crate) fn mode_switch(page: &PageRequest, livemode: bool) -> Markup {
    let other = if livemode { "test" } else { "live" };
    html! {
        p {
            @if livemode { (mode(page, true)) } @else { strong .badge.test { (mode(page, false)) } }
            " "
            a .no-print href=(page.with_all(&[("mode", Some(other)), ("after", None)])) { (mode(page, !livemode)) }
        }
    }
}
