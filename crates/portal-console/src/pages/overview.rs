//! The first page: the proof, what is open, and the last donations.

mod by_day;
mod by_day_chart;
mod by_hour;
mod by_hour_chart;
mod checks;
mod money;
mod sums_by_day;

use std::sync::Arc;

use futures::future::{try_join, try_join3, try_join5};
use maud::{Markup, html};
use portal_domain::{Backlog, StoreError, UnixSeconds};
use portal_service::status::{BACKUP_JOB, LastDelivery, OpenAlert};

use self::by_hour::spans;
use self::by_hour_chart::by_hour_chart;
use self::checks::checks;
use self::money::MoneyOverview;
use crate::Desk;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::proof::proof;
use crate::words;

/// The state of the service, as far as the page shows it. A look costs the same at any size.
struct OverviewStatus {
    last_delivery: LastDelivery,
    backlog: Backlog,
    open_alerts: Vec<OpenAlert>,
    reads_spent: u64,
    backup_at: Option<UnixSeconds>,
}

impl OverviewStatus {
    async fn read(desk: &Desk, now: UnixSeconds) -> Result<Self, StoreError> {
        let store = &*desk.store;
        let (last_delivery, backlog, open_alerts, reads_spent, jobs) = try_join5(
            LastDelivery::read(store),
            store.backlog(),
            OpenAlert::read_all(store, &desk.channels),
            store.spend(0, now),
            store.jobs(),
        )
        .await?;
        let backup = jobs.into_iter().find(|it| it.name == BACKUP_JOB);
        let backup_at = backup.map(|it| it.leased_at);
        Ok(Self { last_delivery, backlog, open_alerts, reads_spent, backup_at })
    }
}

pub(crate) async fn overview(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let money = MoneyOverview::read(desk, page);
    let spans = spans(page.now);
    // Nothing here waits for another's answer: on D1 each is a way there and back.
    let reads = try_join3(
        OverviewStatus::read(desk, page.now),
        desk.store.reports(None, 1),
        desk.store.delivery_hours(&spans),
    );
    let (money, (status, reports, hours)) = try_join(money, async { Ok(reads.await?) }).await?;
    let report = reports.first().map(|(_, it)| it);
    Ok(PageContent {
        title: page.pick("Overview", "概要").to_owned(),
        body: html! {
            (proof(page, report))
            (open_alerts(page, &status.open_alerts))
            (checks(desk, page, &status, report))
            (by_hour_chart(page, &hours))
            (money.show(page))
        },
    })
}

fn open_alerts(page: &PageRequest, alerts: &[OpenAlert]) -> Markup {
    html! {
        h2 { (page.pick("Open alerts", "発生中のアラート")) }
        @if alerts.is_empty() {
            p .ok data-says { "✓ " (page.pick("No alert is open.", "発生中のアラートはありません。")) }
        } @else {
            ul data-says {
                @for open in alerts {
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
