//! Completeness reports: the list, and one with its findings.

mod calendar;
mod compare;
mod progress;
mod reads;

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::Report;
use portal_domain::report::{Difference, Verdict};

use self::calendar::calendar;
use self::reads::reads_chart;
use crate::Desk;
use crate::acting::may_act;
use crate::ids::linked;
use crate::layout::PageContent;
use crate::money_cells::time;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::proof::proof;
use crate::tables::table;
use crate::words;

pub(crate) use compare::{compare, confirm_compare, plan, start};
pub(crate) use progress::{cancel, cancel_comparison, progress, under_way};

/// The most reports on the page.
const REPORTS_MAX: u32 = 60;

pub(crate) async fn reports(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let reports = desk.store.reports(None, REPORTS_MAX).await?;
    let reads = desk.store.reads_by_day(page.now).await?;
    let columns = [
        (page.pick("Report", "番号"), false),
        (page.pick("Verdict", "結果"), false),
        (page.pick("From", "開始"), false),
        (page.pick("Until", "終了"), false),
        (page.pick("At Stripe", "Stripe"), true),
        (page.pick("Here", "記録済み"), true),
        (page.pick("Repaired", "補った数"), true),
        (page.pick("Open", "未解決"), true),
    ];
    let label = page.pick("Reports, the last first", "照合レポート（新しい順）");
    let rows = html! {
        @for (number, report) in &reports {
            tr {
                td { a href={ "/ops/reports/" (number) } { "#" (number) } @if !report.livemode { " " span .badge.test { (words::mode(page, false)) } } }
                td { (verdict(page, report)) }
                td { (time(page, report.window.since)) }
                td { (time(page, report.window.until)) }
                td .number { (report.shown) }
                td .number { (report.here()) }
                td .number { (report.repaired) }
                td .number { (report.open) }
            }
        }
    };
    Ok(PageContent {
        title: page.pick("Completeness", "照合レポート").to_owned(),
        body: html! {
            (proof(page, reports.first().map(|(_, it)| it)))
            @if reports.is_empty() {
                p {
                    (page.pick(
                        "Set STRIPE_SECRET_KEY, and the service compares once a day; or run donation-portal reconcile.",
                        "STRIPE_SECRET_KEY を設定すると 1 日 1 回照合します。donation-portal reconcile でも照合できます。",
                    ))
                }
            } @else {
                (calendar(page, &reports))
                (table(label, &columns, &rows))
            }
            (reads_chart(page, &reads, desk.read_budget))
            @if desk.read_budget.is_some() {
                p .no-print {
                    @if may_act(page) {
                        a .button href="/ops/reports/compare" { (page.pick("Compare now …", "今すぐ照合…")) }
                        " "
                    }
                    a href="/ops/reports/progress" { (page.pick("Progress of a comparison", "照合の進み具合")) }
                }
            }
        },
    })
}

fn verdict(page: &PageRequest, report: &Report) -> Markup {
    let (class, text) = match report.verdict() {
        Verdict::Complete => ("ok", page.pick("✓ complete", "✓ 照合済み")),
        Verdict::Differences => ("bad", page.pick("✕ differences", "✕ 差異あり")),
        Verdict::Unknown => ("warn", page.pick("? unknown", "? 照合できない部分あり")),
    };
    html! { span class=(class) { (text) } }
}

pub(crate) async fn report(
    desk: Arc<Desk>,
    page: PageRequest,
    number: String,
) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let number: u64 = number.parse().map_err(|_| PageError::NotFound)?;
    let found = desk.store.reports(Some(number), 1).await?;
    let (_, report) = found.into_iter().next().ok_or(PageError::NoSuchId)?;
    Ok(PageContent {
        title: page.pick(format!("Report #{number}"), format!("照合レポート #{number}")),
        body: html! {
            (proof(page, Some(&report)))
            dl {
                dt { (page.pick("Made", "作成")) }
                dd { (time(page, report.made_at)) }
                dt { (page.pick("Mode", "環境")) }
                dd { (words::mode(page, report.livemode)) }
                dt { (page.pick("Donations at Stripe", "Stripe にある寄付")) }
                dd { (report.shown) }
                dt { (page.pick("Of these here, once", "うち 1 回ずつ記録済み")) }
                dd { (report.here()) }
                dt { (page.pick("Events recorded that had not come", "届かず、照合で記録したイベント")) }
                dd { (report.events_recorded) }
                dt { (page.pick("Repaired · open", "補った数・未解決")) }
                dd { (report.repaired) " · " (report.open) }
            }
            (unread(page, &report))
            (findings(page, &report))
        },
    })
}

fn unread(page: &PageRequest, report: &Report) -> Markup {
    html! {
        @if !report.unread.is_empty() {
            h2 { (page.pick("Could not be read at Stripe", "Stripe から読み取れなかったもの")) }
            ul {
                @for it in &report.unread { li { span .id { (it.resource.name()) } " · " span .id { (it.why.name()) } } }
            }
        }
    }
}

fn findings(page: &PageRequest, report: &Report) -> Markup {
    let label = page.pick("Findings", "差異");
    let columns = [
        (page.pick("State", "状態"), false),
        (page.pick("Difference", "内容"), false),
        (page.pick("Donation", "寄付"), false),
    ];
    let rows = html! {
        @for finding in &report.findings {
            tr {
                td {
                    @if finding.repaired { span .ok { (page.pick("✓ repaired", "✓ 補いました")) } }
                    @else { span .bad { (page.pick("✕ open", "✕ 未解決")) } }
                }
                td { (difference(page, finding.difference)) }
                td { (linked(finding.object.as_str())) }
            }
        }
    };
    html! {
        h2 { (label) }
        @if report.findings.is_empty() {
            p .ok { (page.pick("✓ None.", "✓ ありません。")) }
        } @else {
            (table(label, &columns, &rows))
        }
    }
}

fn difference(page: &PageRequest, difference: Difference) -> &'static str {
    match difference {
        Difference::MissingHere => page.pick("was not here", "ここに記録がありませんでした"),
        Difference::MissingThere => page.pick("is not at Stripe", "Stripe にありません"),
        Difference::Amount => page.pick("the amount differs", "金額が異なります"),
        Difference::State => page.pick("the state differs", "状態が異なります"),
        Difference::Kind => page.pick("the kind differs", "種類が異なります"),
        Difference::Refunded => page.pick("the refund differs", "返金額が異なります"),
        Difference::Provisional => page.pick("is provisional here", "ここでは未確定です"),
        Difference::CountedTwice => page.pick("is counted twice", "二重に数えられています"),
    }
}
