//! The rows of a statement.

use maud::{Markup, html};
use portal_domain::Donation;
use portal_service::donation_columns::mode;

use super::period::StatementPeriod;
use crate::donation_page::DonationPage;
use crate::ids::linked;
use crate::money_cells::{money, time};
use crate::money_words::{kind, marks};
use crate::page_error::PageError;
use crate::page_request::{PageRequest, address};
use crate::query_key::QueryKey;
use crate::tables::table;

/// The most rows on a statement, so that the page has less than 40 KB.
const ROWS_SHOWN: u32 = 50;

/// The key of the address that asks for more, to be printed.
const ROWS: QueryKey = QueryKey { key: "rows", form: "all" };

/// The most rows that are printed; beyond, the CSV has all of them.
const ROWS_PRINTED: u32 = 1_000;

/// Returns how many rows the address asks for at most.
pub(super) fn rows_max(page: &PageRequest) -> Result<u32, PageError> {
    let all = ROWS.value(page, |it| (it == ROWS.form).then_some(ROWS_PRINTED))?;
    Ok(all.unwrap_or(ROWS_SHOWN))
}

/// Shows the rows, and where there are more of them.
pub(super) fn rows(
    page: &PageRequest,
    livemode: bool,
    period: &StatementPeriod,
    shown: &DonationPage,
) -> Markup {
    let query = [("period", &*period.text), ("state", "paid"), ("mode", mode(livemode))];
    let label = page.pick("Donations", "寄付");
    let heads = [
        (page.pick("Paid at", "支払い日時"), false),
        (page.pick("Amount", "金額"), true),
        (page.pick("Refunded", "返金額"), true),
        (page.pick("Lost", "減額"), true),
        (page.pick("Net", "差引額"), true),
        (page.pick("Kind", "種別"), false),
        (page.pick("Remarks", "備考"), false),
        ("id", false),
    ];
    html! {
        section .rows {
            h2 { (label) }
            p .no-print {
                a href=(address("/ops/donations.csv", query)) { "CSV" } " · "
                a href=(address("/ops/donations.csv", query.into_iter().chain([("excel", "1")]))) {
                    (page.pick("CSV for Excel", "Excel 用 CSV"))
                } " · "
                a href=(address("/ops/donations", query)) { (page.pick("as a list", "一覧で見る")) }
            }
            @if shown.next.is_some() {
                p .warn {
                    (page.pick(
                        format!("▲ The last {} only; the CSV has all of them.", shown.donations.len()),
                        format!("▲ 最後の {} 件のみです。全件は CSV にあります。", shown.donations.len()),
                    ))
                    @if page.value(ROWS.key).is_none() {
                        " " a .no-print href=(page.with(ROWS.key, Some(ROWS.form))) {
                            (page.pick(
                                format!("Show up to {ROWS_PRINTED}, for printing"),
                                format!("印刷用に {ROWS_PRINTED} 件まで表示"),
                            ))
                        }
                    }
                }
            }
            (table(label, &heads, &html! { @for it in &shown.donations { (row(page, it)) } }))
        }
    }
}

fn row(page: &PageRequest, donation: &Donation) -> Markup {
    let money = |amount| money(page, amount, &donation.currency);
    let marks = marks(page, donation).join(page.pick(", ", "、"));
    html! {
        tr {
            td { (time(page, donation.at)) }
            td .number { (money(donation.amount)) }
            td .number { (money(donation.refunded)) }
            td .number { (money(donation.lost)) }
            td .number { (money(donation.net)) }
            td { (kind(page, donation.kind)) }
            td { (marks) }
            td { (linked(donation.id.as_str())) }
        }
    }
}
