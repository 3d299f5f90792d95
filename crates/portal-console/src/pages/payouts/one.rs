//! One payout: its parts as a waterfall, what differs, and its lines.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::ObjectId;
use portal_domain::payouts::{Part, PayoutRow, PayoutStatement, StatementLine, lookup};
use portal_service::payout_text;

use super::{badge, says};
use crate::Desk;
use crate::ids::{linked, with_copy};
use crate::layout::PageContent;
use crate::money_cells::{money, time};
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::table;

/// The most lines on the page; the command line has all.
const LINES_MAX: usize = 100;

pub(crate) async fn payout(
    desk: Arc<Desk>,
    page: PageRequest,
    id: String,
) -> Result<PageContent, PageError> {
    let (store, page) = (&*desk.store, &page);
    let id = ObjectId::new(&id).ok_or(PageError::NoSuchId)?;
    let row = store.payout(&id).await?.ok_or(PageError::NoSuchId)?;
    let (statement, lines) = lookup::statement_and_lines(store, &row).await?;
    let payout = &row.payout;
    let amount = money(page, payout.amount, &payout.currency);
    Ok(PageContent {
        title: page.pick(format!("Payout of {amount}"), format!("{amount}の入金")),
        body: html! {
            p { (badge(page, &row, &statement)) }
            p { (with_copy(page, payout.id.as_str(), payout.livemode)) }
            dl {
                dt { (page.pick("In the bank", "銀行での表示")) }
                dd { (says(page, &payout_text::bank(&row))) }
                @if let Some(failure) = &payout.failure {
                    dt { (page.pick("Failure", "失敗の理由")) }
                    dd { span .id { (failure) } }
                }
            }
            (parts(page, &row, &statement))
            (differences(page, &row, &statement))
            @if !lines.is_empty() { (list(page, &row, &lines)) }
        },
    })
}

fn parts(page: &PageRequest, row: &PayoutRow, statement: &PayoutStatement) -> Markup {
    let Some(sums) = &statement.sums else { return html! {} };
    let money = |amount| money(page, amount, &row.payout.currency);
    let columns = [(page.pick("Part", "項目"), false), (page.pick("Amount", "金額"), true)];
    let rows = html! {
        @for part in Part::ALL {
            tr {
                td { (says(page, &payout_text::part(*part))) }
                td .number { (money(sums.parts.get(*part))) }
            }
        }
        tr .sum {
            td { (page.pick("Sum", "合計")) }
            td .number { (money(sums.net)) }
        }
    };
    table(page.pick("What the payout is the sum of", "入金の内訳"), &columns, &rows)
}

fn differences(page: &PageRequest, row: &PayoutRow, statement: &PayoutStatement) -> Markup {
    html! {
        @if !statement.differences.is_empty() {
            h2 { (page.pick("Differences", "差異")) }
            ul {
                @for it in &statement.differences {
                    li { (says(page, &payout_text::difference(it, &row.payout.currency))) }
                }
            }
        }
    }
}

fn list(page: &PageRequest, row: &PayoutRow, lines: &[StatementLine]) -> Markup {
    let money = |amount| money(page, amount, &row.payout.currency);
    let columns = [
        (page.pick("Day", "日付"), false),
        (page.pick("Type", "種類"), false),
        (page.pick("Amount", "金額"), true),
        (page.pick("Fee", "手数料"), true),
        (page.pick("Net", "純額"), true),
        (page.pick("Donation", "寄付"), false),
    ];
    let own = |it: &&StatementLine| it.line.part().is_some();
    let rows = html! {
        @for it in lines.iter().filter(own).take(LINES_MAX) {
            @let line = &it.line;
            tr {
                td { (time(page, line.created)) }
                td { span .id { (line.kind) } }
                td .number { (money(line.amount)) }
                td .number { (money(line.fee)) }
                td .number { (money(line.net)) }
                td { @if let Some(payment) = line.payment() { (linked(payment.as_str())) } }
            }
        }
    };
    html! {
        h2 { (page.pick("Lines", "明細")) }
        (table(page.pick("Lines of the payout", "入金の明細"), &columns, &rows))
        @if lines.len() > LINES_MAX {
            p .quiet {
                (page.pick("Only the last are shown; all of them: ", "新しいものだけを表示しています。すべて: "))
                span .id { "donation-portal payouts show " (row.payout.id) " --lines" }
            }
        }
    }
}
