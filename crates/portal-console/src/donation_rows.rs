//! The rows of donations in a table.

use maud::{Markup, html};
use portal_domain::Donation;

use crate::ids::linked;
use crate::money_cells::{money, time};
use crate::money_words::{kind, marks, state_with_sign};
use crate::page_request::PageRequest;
use crate::tables::table;

/// Returns the donations as a table; amounts come early, so that a phone shows them.
pub(crate) fn donation_rows(page: &PageRequest, donations: &[Donation]) -> Markup {
    let heads = [
        (page.pick("Paid at", "支払い日時"), false),
        (page.pick("Amount", "金額"), true),
        (page.pick("Net", "差引額"), true),
        (page.pick("Kind", "種別"), false),
        (page.pick("State", "状態"), false),
        (page.pick("Remarks", "備考"), false),
        ("id", false),
    ];
    let rows = html! { @for donation in donations { (row(page, donation)) } };
    table(page.pick("Donations", "寄付"), &heads, &rows)
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
            td { (linked(donation.id.as_str())) }
        }
    }
}
