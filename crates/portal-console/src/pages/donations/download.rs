//! The donations of a list as CSV and as JSON: exactly those that the list's sum is of.

use std::sync::Arc;

use axum::body::Body;

use super::file::{DonationFormat, donation_file};
use crate::Desk;
use crate::donation_query::DonationQuery;
use crate::livemode::livemode;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::reply::PageReply;

pub(crate) async fn donations_csv(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageReply, PageError> {
    let is_for_excel = page.value("excel").is_some();
    let format = if is_for_excel { DonationFormat::ExcelCsv } else { DonationFormat::Csv };
    Ok(PageReply::csv("donations.csv", file(&desk, &page, format).await?))
}

pub(crate) async fn donations_json(
    desk: Arc<Desk>,
    page: PageRequest,
) -> Result<PageReply, PageError> {
    Ok(PageReply::json_lines(
        "donations.json",
        file(&desk, &page, DonationFormat::JsonLines).await?,
    ))
}

async fn file(desk: &Desk, page: &PageRequest, format: DonationFormat) -> Result<Body, PageError> {
    let livemode = livemode(desk, page).await?;
    let filter = DonationQuery::read(page, livemode)?.filter;
    Ok(donation_file(desk, filter, page, format).await?)
}
