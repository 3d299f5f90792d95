//! The fees that Stripe took in a period, and the deposits that reached the bank.

use maud::{Markup, html};
use portal_domain::ledger::PayoutStatus;
use portal_domain::payouts::{Account, Part, PayoutRow, lookup, read_window};
use portal_domain::{Currency, PayoutFilter, Store, StoreError, UnixSeconds, Window};
use portal_service::payout_text;
use portal_service::period::day_in_zone;

use super::period::StatementPeriod;
use crate::money_cells::{money, time};
use crate::page_request::PageRequest;
use crate::tables::table;

/// The payouts that are added up: those of each working day of a fiscal year, in some currencies.
const PAYOUTS_MAX: u32 = 1_000;

/// The fees and the deposits of a period in which all lines of the balance are known.
pub(super) struct AtStripe {
    accounts: Vec<Account>,
    /// The end of the period, or the last reading of the balance if the period is not over.
    known_until: UnixSeconds,
    /// Each currency stands once.
    deposits: Vec<Deposits>,
}

/// The payouts of one currency that reached the bank.
struct Deposits {
    currency: Currency,
    count: u64,
    /// Their sum in minor units.
    amount: i64,
}

impl AtStripe {
    /// Reads both; `None` if not all lines of the period are known, or if there are more payouts than
    /// are added up.
    pub(super) async fn read(
        store: &dyn Store,
        page: &PageRequest,
        livemode: bool,
        period: &StatementPeriod,
    ) -> Result<Option<Self>, StoreError> {
        let [since, until] = period.bounds;
        let until = if until > page.now {
            // A period that is not over is known up to the last reading, and the page says so.
            let Some(known) = read_window::get(store, livemode).await? else { return Ok(None) };
            until.min(known.until)
        } else {
            until
        };
        if until <= since {
            return Ok(None);
        }
        let window = Window { since, until };
        let Some(accounts) = lookup::accounts(store, livemode, window).await? else {
            return Ok(None);
        };
        // A day of arrival is Stripe's, in no time zone.
        let [arrives_since, arrives_until] =
            period.bounds.map(|it| UnixSeconds::from_utc_date(&day_in_zone(it, page.zone())));
        let filter = PayoutFilter { livemode: Some(livemode), arrives_since, arrives_until };
        let payouts = store.payouts(&filter, None, PAYOUTS_MAX.saturating_add(1)).await?;
        if payouts.len() > PAYOUTS_MAX as usize {
            return Ok(None);
        }
        let deposits = deposits(&payouts);
        Ok(Some(Self { accounts, known_until: until, deposits }))
    }
}

/// Adds up the payouts that reached the bank.
fn deposits(payouts: &[PayoutRow]) -> Vec<Deposits> {
    let mut sums: Vec<Deposits> = Vec::new();
    let paid = payouts.iter().map(|it| &it.payout).filter(|it| it.status == PayoutStatus::Paid);
    for payout in paid {
        match sums.iter_mut().find(|it| it.currency == payout.currency) {
            Some(sum) => {
                sum.count = sum.count.saturating_add(1);
                sum.amount = sum.amount.saturating_add(payout.amount);
            }
            None => sums.push(Deposits {
                currency: payout.currency.clone(),
                count: 1,
                amount: payout.amount,
            }),
        }
    }
    sums
}

/// Shows both by currency, or that they are not known.
pub(super) fn at_stripe(
    page: &PageRequest,
    period: &StatementPeriod,
    read: Option<&AtStripe>,
) -> Markup {
    let label = page.pick("Fees and deposits", "手数料と入金");
    let heads = [
        (page.pick("Currency", "通貨"), false),
        (page.pick("Item", "項目"), false),
        (page.pick("Amount", "金額"), true),
    ];
    html! {
        h2 { (label) }
        @match read {
            None => p .warn {
                (page.pick(
                    "▲ Fees and deposits are not known: not all of this period was read.",
                    "▲ この期間の一部を読み取れていないため、手数料と入金は不明です。",
                ))
            },
            Some(read) => {
                @let currencies = currencies(read);
                @if currencies.is_empty() {
                    p { (page.pick("Nothing came to the balance.", "この期間に残高の動きはありません。")) }
                } @else {
                    (table(label, &heads, &html! {
                        @for currency in currencies { (rows(page, read, currency)) }
                    }))
                }
                @if read.known_until < period.bounds[1] {
                    p .quiet {
                        (page.pick("Known up to ", "読み取り済みの日時: ")) (time(page, read.known_until))
                    }
                }
            },
        }
    }
}

/// Returns the currencies of the balance and of the deposits, each once.
fn currencies(read: &AtStripe) -> Vec<&Currency> {
    let mut all: Vec<_> = read.accounts.iter().map(|it| &it.currency).collect();
    for it in &read.deposits {
        if !all.contains(&&it.currency) {
            all.push(&it.currency);
        }
    }
    all
}

fn rows(page: &PageRequest, read: &AtStripe, currency: &Currency) -> Markup {
    let account = read.accounts.iter().find(|it| it.currency == *currency);
    let name = currency.as_str().to_uppercase();
    let row = |item: &str, amount: i64| {
        html! {
            tr {
                td { (name) }
                td { (item) }
                td .number { (money(page, amount, currency)) }
            }
        }
    };
    html! {
        @for part in Part::FEES {
            @let taken = account.map_or(0, |it| it.parts.get(part).saturating_neg());
            (row(page.locale.language.choose(&payout_text::part(part)), taken))
        }
        @let found = read.deposits.iter().find(|it| it.currency == *currency);
        @let (count, amount) = found.map_or((0, 0), |it| (it.count, it.amount));
        (row(
            &page.pick(
                format!("reached the bank (payouts: {count})"),
                format!("銀行口座への入金（{count} 件）"),
            ),
            amount,
        ))
    }
}
