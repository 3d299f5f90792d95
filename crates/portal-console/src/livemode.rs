//! The mode of a page about money: live and test money never stand together.

use maud::{Markup, html};
use portal_domain::figures::Figures;
use portal_domain::{DonationFilter, StoreError};

use crate::Desk;
use crate::donation_page::DonationPage;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::query_key::QueryKey;
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
        None => Ok(has_live_donation(desk).await?),
    }
}

/// True if the prepared figures have a live donation, or one came lately.
async fn has_live_donation(desk: &Desk) -> Result<bool, StoreError> {
    /// More than come before the figures are prepared anew, at a portal that begins.
    const LATELY: u32 = 100;
    let figures = Figures::read(&*desk.store).await?.map(|it| it.days).unwrap_or_default();
    if figures.iter().flat_map(|it| &it.totals).any(|it| it.livemode) {
        return Ok(true);
    }
    let live = DonationFilter { livemode: Some(true), ..DonationFilter::default() };
    let last = DonationPage::read(&*desk.store, &live, None, 1, LATELY).await?;
    Ok(!last.donations.is_empty())
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
