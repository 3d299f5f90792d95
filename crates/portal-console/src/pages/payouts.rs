//! Payouts: each deposit with what it is the sum of, and the account that they are paid from.

mod account;
mod one;

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::payouts::{PayoutRow, PayoutStatement, StatementState, lookup};
use portal_domain::{ObjectId, PayoutFilter, Text, UnixSeconds};
use portal_service::donation_columns::mode;
use portal_service::payout_text;

use crate::Desk;
use crate::donation_query::{DonationQuery, cursor_text};
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::money_cells::money;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::tables::{cut, pages, table};

pub(crate) use account::account;
pub(crate) use one::payout;

/// The payouts of a page: each is judged by all of its lines.
const PAYOUTS: u32 = 20;

pub(crate) async fn payouts(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let page = &page;
    let livemode = livemode(&desk, page).await?;
    let after = DonationQuery::read(page, livemode)?.after;
    let (shown, next) = payout_page(&desk, livemode, after.as_ref(), PAYOUTS).await?;
    Ok(PageContent {
        title: page.pick("Payouts", "入金").to_owned(),
        body: html! {
            (mode_switch(page, livemode))
            p {
                a href={ "/ops/account?mode=" (mode(livemode)) } {
                    (page.pick("The account by month", "残高の月ごとの推移"))
                }
            }
            @if shown.is_empty() {
                p {
                    (page.pick(
                        "No payout is known. With STRIPE_SECRET_KEY and the permission Payouts they are read once a day.",
                        "入金はまだありません。STRIPE_SECRET_KEY と Payouts の権限があれば、1 日 1 回読み取ります。",
                    ))
                }
            } @else {
                (list(page, &shown))
                (pages(page, next.as_deref()))
            }
        },
    })
}

/// Reads a page of payouts with their statements, and the cursor of the next page.
pub(crate) async fn payout_page(
    desk: &Desk,
    livemode: bool,
    after: Option<&(UnixSeconds, ObjectId)>,
    limit: u32,
) -> Result<(Vec<(PayoutRow, PayoutStatement)>, Option<String>), PageError> {
    let store = &*desk.store;
    let filter = PayoutFilter { livemode: Some(livemode), ..PayoutFilter::default() };
    let position = after.map(|(at, id)| (*at, id));
    let limit = limit.min(PAYOUTS);
    let rows = store.payouts(&filter, position, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |it| cursor_text(it.payout.created, &it.payout.id));
    let mut shown = Vec::new();
    for row in rows {
        let statement = lookup::statement(store, &row).await?;
        shown.push((row, statement));
    }
    Ok((shown, next))
}

fn list(page: &PageRequest, shown: &[(PayoutRow, PayoutStatement)]) -> Markup {
    let columns = [
        (page.pick("Arrives", "着金日"), false),
        (page.pick("Amount", "金額"), true),
        (page.pick("Statement", "内訳"), false),
        (page.pick("Difference", "差額"), true),
        (page.pick("Payout", "入金"), false),
    ];
    let rows = html! {
        @for (row, statement) in shown {
            @let payout = &row.payout;
            tr {
                td { (payout.arrives.utc_date()) }
                td .number { (money(page, payout.amount, &payout.currency)) }
                td { (badge(page, row, statement)) }
                td .number { @if let Some(it) = statement.off_by() { (money(page, it, &payout.currency)) } }
                td { a .id href={ "/ops/payouts/" (payout.id) } { (payout.id) } }
            }
        }
    };
    table(page.pick("Payouts, the last made first", "入金（新しい順）"), &columns, &rows)
}

/// The state with a sign and a word, never by colour alone; and that it came back.
fn badge(page: &PageRequest, row: &PayoutRow, statement: &PayoutStatement) -> Markup {
    let (class, sign) = match statement.state {
        StatementState::Explained => ("ok", "✓"),
        StatementState::Differs => ("bad", "✕"),
        StatementState::Unreadable(_) | StatementState::NoKey => ("warn", "?"),
        StatementState::Waiting => ("quiet", "…"),
        StatementState::Manual => ("quiet", "–"),
    };
    html! {
        span class=(class) { (sign) " " (says(page, &payout_text::state(statement.state))) }
        @if row.payout.status.is_returned() {
            " " span .badge { (page.pick("returned", "戻り")) }
        }
    }
}

fn says(page: &PageRequest, text: &Text) -> String {
    page.locale.language.choose(text).to_owned()
}
