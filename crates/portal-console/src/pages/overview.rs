//! The first page: the proof, what is open, and the last donations.

mod by_day;
mod by_day_chart;
mod by_hour;
mod by_hour_chart;
mod checks;
mod money;

use std::sync::Arc;

use maud::{Markup, html};
use portal_service::status::StoreStatus;

use self::by_hour::spans;
use self::by_hour_chart::by_hour_chart;
use self::checks::checks;
use self::money::money;
use crate::Desk;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::proof::proof;
use crate::words;

pub(crate) async fn overview(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let status = StoreStatus::read(&*desk.store, &desk.channels, page.now).await?;
    let report = desk.store.reports(None, 1).await?.into_iter().next().map(|(_, it)| it);
    let hours = desk.store.delivery_hours(&spans(page.now)).await?;
    let money = money(desk, page).await?;
    Ok(PageContent {
        title: page.pick("Overview", "概要").to_owned(),
        body: html! {
            (proof(page, report.as_ref()))
            (open_alerts(page, &status))
            (checks(desk, page, &status, report.as_ref()))
            (by_hour_chart(page, &hours))
            (money)
        },
    })
}

fn open_alerts(page: &PageRequest, status: &StoreStatus) -> Markup {
    html! {
        h2 { (page.pick("Open alerts", "発生中のアラート")) }
        @if status.open_alerts.is_empty() {
            p .ok data-says { "✓ " (page.pick("No alert is open.", "発生中のアラートはありません。")) }
        } @else {
            ul data-says {
                @for open in &status.open_alerts {
                    @let (class, severity) = words::severity(page, open.alert.severity());
                    li {
                        span class=(class) { (severity) } " "
                        a href={ "/ops/alerts/" (open.key) } { (open.alert.kind()) }
                        " · " (time(page, open.since))
                    }
                }
            }
        }
    }
}
