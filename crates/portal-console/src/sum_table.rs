//! The table of sums: by currency and kind, what is provisional apart.

use maud::{Markup, html};
use portal_domain::money::number_for_people;
use portal_domain::{DonationFilter, Store, StoreError, Total};
use portal_service::donation_columns::with_sums;

use crate::money_cells::money;
use crate::money_words::{kind, provisional};
use crate::page_request::PageRequest;

/// The sums of the paid donations that a filter selects, of one mode.
pub(crate) struct MoneySums {
    /// Those of certain donations; nothing where the filter asks for provisional ones.
    pub(crate) certain: Vec<Total>,
    pub(crate) provisional: Vec<Total>,
}

impl MoneySums {
    pub(crate) async fn read(
        store: &dyn Store,
        filter: &DonationFilter,
    ) -> Result<Self, StoreError> {
        let of = |provisional| DonationFilter { provisional: Some(provisional), ..filter.clone() };
        let (mut certain, mut provisional) = (Vec::new(), Vec::new());
        if filter.provisional != Some(true) {
            certain = store.totals(&of(false)).await?;
        }
        if filter.provisional != Some(false) {
            provisional = store.totals(&of(true)).await?;
        }
        Ok(Self { certain, provisional })
    }
}

pub(crate) fn sum_table(page: &PageRequest, sums: &MoneySums, caption: &str) -> Markup {
    if sums.certain.is_empty() && sums.provisional.is_empty() {
        return html! { p { (page.pick("No paid donation is among them.", "支払い済みの寄付はありません。")) } };
    }
    html! {
        div .scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { (page.pick("Currency", "通貨")) }
                        th scope="col" { (page.pick("Kind", "種別")) }
                        th scope="col" .number { (page.pick("Count", "件数")) }
                        th scope="col" .number { (page.pick("Gross", "総額")) }
                        th scope="col" .number { (page.pick("Refunded", "返金額")) }
                        th scope="col" .number { (page.pick("Lost", "不審請求による減額")) }
                        th scope="col" .number { (page.pick("Net", "差引額")) }
                    }
                }
                tbody {
                    @for (of, total) in with_sums(sums.certain.clone()) {
                        @let name = of.map_or_else(|| page.pick("all", "合計"), |it| kind(page, it));
                        (row(page, &total, name, of.is_none()))
                    }
                    @for total in &sums.provisional {
                        (row(page, total, provisional(page), false))
                    }
                }
            }
        }
        @if !sums.provisional.is_empty() {
            p .quiet {
                (page.pick(
                    "Provisional donations may turn out to be part of an invoice; they are in no other sum.",
                    "未確定の寄付は請求書の一部と判明することがあるため、ほかの合計には含みません。",
                ))
            }
        }
    }
}

fn row(page: &PageRequest, total: &Total, name: &str, is_sum: bool) -> Markup {
    let money = |amount| money(page, amount, &total.currency);
    let class = is_sum.then_some("sum");
    html! {
        tr class=[class] {
            td { (total.currency.as_str().to_uppercase()) }
            th scope="row" { (name) }
            td .number { (number_for_people(total.count)) }
            td .number { (money(total.gross)) }
            td .number { (money(total.refunded)) }
            td .number { (money(total.lost)) }
            td .number { (money(total.net)) }
        }
    }
}
