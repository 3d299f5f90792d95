//! The first page: the proof, what is open, and the last donations.

mod checks;

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::{Donation, DonationFilter, DonationState};
use portal_service::status::StoreStatus;

use self::checks::checks;
use crate::Desk;
use crate::ids::linked;
use crate::layout::PageContent;
use crate::money_cells::{money, time};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::proof::proof;
use crate::words;

/// The number of donations on the page.
const DONATIONS_SHOWN: u32 = 10;

pub(crate) async fn overview(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let status = StoreStatus::read(&*desk.store, &desk.channels, page.now).await?;
    let report = desk.store.reports(None, 1).await?.into_iter().next().map(|(_, it)| it);
    let paid = DonationFilter { state: Some(DonationState::Paid), ..DonationFilter::default() };
    let donations = desk.store.donations(&paid, None, DONATIONS_SHOWN).await?;
    Ok(PageContent {
        title: page.pick("Overview", "概要").to_owned(),
        body: html! {
            (proof(page, report.as_ref()))
            (open_alerts(page, &status))
            (checks(desk, page, &status, report.as_ref()))
            (last_donations(page, &donations))
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

fn last_donations(page: &PageRequest, donations: &[Donation]) -> Markup {
    html! {
        h2 { (page.pick("Last donations", "最近の寄付")) }
        @if donations.is_empty() {
            p { (page.pick("No donation has come yet.", "寄付はまだありません。")) }
        } @else {
            div .scroll tabindex="0" role="region" aria-label=(page.pick("Last donations", "最近の寄付")) {
                table {
                    thead {
                        tr {
                            th scope="col" { (page.pick("Paid at", "支払い日時")) }
                            th scope="col" .number { (page.pick("Amount", "金額")) }
                            th scope="col" { "id" }
                        }
                    }
                    tbody {
                        @for donation in donations {
                            tr {
                                td { (time(page, donation.paid_at.unwrap_or(donation.at))) }
                                td .number { (money(page, donation.amount, &donation.currency)) }
                                td { (linked(donation.id.as_str())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
