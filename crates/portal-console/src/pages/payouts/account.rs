//! The account by month: opening, parts, payouts, closing, and what Stripe says.

use std::sync::Arc;

use maud::{Markup, html};
use portal_domain::Window;
use portal_domain::payouts::{Account, Part, lookup};
use portal_service::payout_text;

use super::says;
use crate::Desk;
use crate::layout::PageContent;
use crate::livemode::{livemode, mode_switch};
use crate::money_cells::money;
use crate::page_error::PageError;
use crate::page_request::PageRequest;
use crate::pages::statement::{StatementPeriod, period_form};
use crate::tables::table;

pub(crate) async fn account(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (store, page) = (&*desk.store, &page);
    let livemode = livemode(&desk, page).await?;
    let period = StatementPeriod::read(page)?;
    let [since, until] = period.bounds;
    let accounts = lookup::accounts(store, livemode, Window { since, until }).await?;
    Ok(PageContent {
        title: page.pick("Account", "残高の推移").to_owned(),
        body: html! {
            (mode_switch(page, livemode))
            (period_form(page, livemode, &period, &html! {}))
            p { (period.days(page)) }
            @match accounts {
                None => p .warn {
                    (page.pick(
                        "▲ Not all lines of the balance of this time were read. The time until now is read once a day; earlier ones by donation-portal reconcile --since.",
                        "▲ この期間の残高の明細を、すべては読み取れていません。現在までの分は 1 日 1 回、以前の分は donation-portal reconcile --since で読み取ります。",
                    ))
                },
                Some(accounts) if accounts.is_empty() => p {
                    (page.pick("Nothing came to the balance.", "この期間に残高の動きはありません。"))
                },
                Some(accounts) => @for it in &accounts { (sums(page, it)) },
            }
        },
    })
}

fn sums(page: &PageRequest, account: &Account) -> Markup {
    let money = |amount| money(page, amount, &account.currency);
    let or_unknown = |amount: Option<i64>| {
        amount.map_or_else(|| page.pick("not known", "不明").to_owned(), money)
    };
    let columns = [(page.pick("Part", "項目"), false), (page.pick("Amount", "金額"), true)];
    let row = |name: &str, amount: String| html! { tr { td { (name) } td .number { (amount) } } };
    let rows = html! {
        (row(page.pick("Opening", "期首残高"), or_unknown(account.opening)))
        @for part in Part::ALL {
            (row(&says(page, &payout_text::part(*part)), money(account.parts.get(*part))))
        }
        (row(page.pick("Payouts", "入金"), money(account.payouts)))
        (row(page.pick("Closing", "期末残高"), or_unknown(account.closing)))
    };
    let label = page.pick("Account", "残高の推移");
    let (class, verdict) = match account.adds_up {
        Some(true) => ("ok", page.pick("✓ It adds up.", "✓ 一致しています。")),
        Some(false) => ("bad", page.pick("✕ It does not add up.", "✕ 一致しません。")),
        None => (
            "quiet",
            page.pick("Stripe was not asked at both ends.", "両端の残高がそろっていません。"),
        ),
    };
    html! {
        h2 { (account.currency.as_str().to_uppercase()) }
        (table(label, &columns, &rows))
        p class=(class) { (verdict) }
        @if let Some(it) = account.stripe_says {
            p {
                (page.pick("Stripe says: available ", "Stripe の残高: 利用可能 ")) (money(it.available))
                (page.pick(", pending ", "、保留中 ")) (money(it.pending))
            }
        }
    }
}
