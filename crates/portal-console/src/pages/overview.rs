//! The first page: the proof, what is open, and the last donations.

mod by_day;
mod by_day_chart;
mod checks;
mod money;

use std::sync::Arc;

use maud::{Markup, html};
use portal_service::status::StoreStatus;

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
    let money = money(desk, page).await?;
    Ok(PageContent {
        title: page.pick("Overview", "概要").to_owned(),
        body: html! {
            (proof(page, report.as_ref()))
            (open_alerts(page, &status))
            (checks(desk, page, &status, report.as_ref()))
            (money)
        },
    })
}

fn open_alerts(page: &PageRequest, status: &StoreStatus) -> Markup {
    html! {
        h2 { (page.pick("Open alerts", "発生中のアラート")) }
        @if status.open_alerts.is_empty() {
            p .ok { "✓ " (page.pick("No alert is open.", "発生中のアラートはありません。")) }
        } @else {
            ul {
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
