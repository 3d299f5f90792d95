//! The donations of a list as CSV and as JSON: exactly those that the list's sum is of.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;

use super::file::{DonationFormat, donation_file};
use crate::Desk;
use crate::donation_query::DonationQuery;
use crate::livemode::livemode;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;

pub(crate) async fn donations_csv(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    let is_for_excel = page.value("excel").is_some();
    let format = if is_for_excel { DonationFormat::ExcelCsv } else { DonationFormat::Csv };
    match file(&desk, &page, format).await {
        Ok(file) => file,
        // A browser shows it.
        Err(error) => reply(&desk, &page, Err(error)),
    }
}

pub(crate) async fn donations_json(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    file(&desk, &page, DonationFormat::JsonLines).await.unwrap_or_else(PageReply::ApiError)
}

async fn file(
    desk: &Desk,
    page: &PageRequest,
    format: DonationFormat,
) -> Result<PageReply, PageError> {
    let livemode = livemode(desk, page).await?;
    let filter = DonationQuery::read(page, livemode)?.filter;
    let body = donation_file(desk, filter, page, format).await?;
    let (content_type, name) = match format {
        DonationFormat::Csv | DonationFormat::ExcelCsv => {
            ("text/csv; charset=utf-8", "donations.csv")
        }
        DonationFormat::JsonLines => ("application/jsonl; charset=utf-8", "donations.json"),
    };
    Ok(PageReply::File { content_type, name, body })
}
