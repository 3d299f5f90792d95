//! The first page: the proof, what is open, and the last donations.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use maud::{Markup, html};
use portal_domain::report::Verdict;
use portal_domain::{Donation, DonationFilter, DonationState, Report};
use portal_service::status::StoreStatus;

use crate::Desk;
use crate::layout::PageContent;
use crate::money_cells::{money, time};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::render::reply;
use crate::reply::PageReply;

/// The number of donations on the page.
const DONATIONS_SHOWN: u32 = 10;

pub(crate) async fn overview(
    State(desk): State<Arc<Desk>>,
    Extension(page): Extension<PageRequest>,
) -> PageReply {
    let content = content(&desk, &page).await;
    reply(&desk, &page, content)
}

async fn content(desk: &Desk, page: &PageRequest) -> Result<PageContent, PageError> {
    let status = StoreStatus::read(&*desk.store, &desk.channels, page.now).await?;
    let report = desk.store.reports(None, 1).await?.into_iter().next();
    let paid = DonationFilter { state: Some(DonationState::Paid), ..DonationFilter::default() };
    let donations = desk.store.donations(&paid, None, DONATIONS_SHOWN).await?;
    Ok(PageContent {
        title: page.pick("Overview", "概要").to_owned(),
        body: html! {
            (proof(page, report.as_ref()))
            (open_alerts(page, &status))
            (last_donations(page, &donations))
        },
    })
}

/// The first sentence of the console: what is proved about all donations.
fn proof(page: &PageRequest, report: Option<&(u64, Report)>) -> Markup {
    let Some((_, report)) = report else {
        return html! {
            p .proof.warn {
                (page.pick(
                    "? Nobody knows if a donation is missing: nothing has been compared with Stripe yet.",
                    "? まだ Stripe と照合していないため、漏れがないかどうかはわかりません。",
                ))
            }
        };
    };
    let until = page.locale.time(report.window.until);
    let (class, text) = match report.verdict() {
        Verdict::Complete => (
            "ok",
            page.pick(
                format!("✓ Every donation up to {until} is here, once."),
                format!("✓ {until} までの寄付は、すべて 1 回ずつ記録されています。"),
            ),
        ),
        Verdict::Differences => (
            "bad",
            page.pick(
                format!("✕ Up to {until}, {} donations differ from Stripe.", report.open),
                format!("✕ {until} までの寄付のうち {} 件が Stripe と食い違っています。", report.open),
            ),
        ),
        Verdict::Unknown => (
            "warn",
            page.pick(
                format!("? Nobody knows if a donation up to {until} is missing: not all could be read at Stripe."),
                format!("? {until} までの寄付に漏れがないかどうかはわかりません。Stripe から読み取れないものがありました。"),
            ),
        ),
    };
    html! { p class={ "proof " (class) } { (text) } }
}

fn open_alerts(page: &PageRequest, status: &StoreStatus) -> Markup {
    html! {
        h2 { (page.pick("Open alerts", "発生中のアラート")) }
        @if status.open_alerts.is_empty() {
            p .ok { "✓ " (page.pick("No alert is open.", "発生中のアラートはありません。")) }
        } @else {
            ul {
                @for open in &status.open_alerts {
                    li { span .bad { "✕ " (open.alert.kind()) } " · " (time(page, open.since)) }
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
                                td .id { (donation.id) }
                            }
                        }
                    }
                }
            }
        }
    }
}
