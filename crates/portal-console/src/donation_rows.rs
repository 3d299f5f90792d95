//! The rows of donations in a table.

use maud::{Markup, html};
use portal_domain::Donation;

use crate::money_cells::{money, time};
use crate::money_words::{kind, marks, state_with_sign};
use crate::page_request::PageRequest;

/// Returns the donations as a table; amounts come early, so that a phone shows them.
pub(crate) fn donation_rows(page: &PageRequest, donations: &[Donation]) -> Markup {
    let label = page.pick("Donations", "寄付");
    html! {
        div .scroll tabindex="0" role="region" aria-label=(label) {
            table {
                thead {
                    tr {
                        th scope="col" { (page.pick("Paid at", "支払い日時")) }
                        th scope="col" .number { (page.pick("Amount", "金額")) }
                        th scope="col" .number { (page.pick("Net", "差引額")) }
                        th scope="col" { (page.pick("Kind", "種別")) }
                        th scope="col" { (page.pick("State", "状態")) }
                        th scope="col" { (page.pick("Remarks", "備考")) }
                        th scope="col" { "id" }
                    }
                }
                tbody {
                    @for donation in donations { (row(page, donation)) }
                }
            }
        }
    }
}

fn row(page: &PageRequest, donation: &Donation) -> Markup {
    let (class, state) = state_with_sign(page, donation.state);
    let marks = marks(page, donation).join(page.pick(", ", "、"));
    html! {
        tr {
            td { (time(page, donation.at)) }
            td .number { (money(page, donation.amount, &donation.currency)) }
            td .number { (money(page, donation.net, &donation.currency)) }
            td { (kind(page, donation.kind)) }
            td { span class=(class) { (state) } }
            td { (marks) }
            td .id { a href={ "/ops/donations/" (donation.id) } { (donation.id) } }
        }
    }
}
