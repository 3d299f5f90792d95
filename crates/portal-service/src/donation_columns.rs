//! The columns of donations and totals in CSV, one contract for the command line and the console.
//!
//! Cells need no quotes: they are ids, enums, numbers and dates.

use jiff::tz::TimeZone;
use portal_domain::money::decimal;
use portal_domain::payouts::{AccountedDonation, DonationMoney, MoneyPlace};
use portal_domain::{Kind, Total};

use crate::payout_columns::text;
use crate::period::day_in_zone;

/// The CSV header of donations, which is a contract.
///
/// Amounts are in minor units except those named
/// `…_decimal`; `paid_at` and `at` are in Unix seconds, `paid_on` is the date in the chosen time zone. Those from
/// `balance_currency` on are of the balance at Stripe, and empty where no line of it is known.
pub const DONATION_HEADS: [&str; 30] = [
    "id",
    "kind",
    "state",
    "currency",
    "amount",
    "refunded",
    "lost",
    "net",
    "amount_decimal",
    "refunded_decimal",
    "lost_decimal",
    "net_decimal",
    "dispute",
    "provisional",
    "out_of_band",
    "livemode",
    "paid_at",
    "paid_on",
    "at",
    "balance_currency",
    "balance_amount",
    "fee",
    "fee_tax",
    "balance_net",
    "balance_amount_decimal",
    "fee_decimal",
    "fee_tax_decimal",
    "balance_net_decimal",
    "where",
    "payout",
];

/// The CSV header of totals, which is a contract. Amounts are in minor units except those named
/// `…_decimal`.
pub const TOTAL_HEADS: [&str; 12] = [
    "currency",
    "kind",
    "livemode",
    "count",
    "gross",
    "refunded",
    "lost",
    "net",
    "gross_decimal",
    "refunded_decimal",
    "lost_decimal",
    "net_decimal",
];

/// Returns the cells of a donation below [`DONATION_HEADS`], with the date of `zone`.
#[must_use]
pub fn donation_cells(accounted: &AccountedDonation, zone: &TimeZone) -> Vec<String> {
    let AccountedDonation { donation, money } = accounted;
    let decimal = |amount| decimal(amount, &donation.currency);
    let mut cells = vec![
        donation.id.to_string(),
        donation.kind.name().to_owned(),
        donation.state.name().to_owned(),
        donation.currency.to_string(),
        donation.amount.to_string(),
        donation.refunded.to_string(),
        donation.lost.to_string(),
        donation.net.to_string(),
        decimal(donation.amount),
        decimal(donation.refunded),
        decimal(donation.lost),
        decimal(donation.net),
        donation.dispute.map(|it| it.name().to_owned()).unwrap_or_default(),
        donation.provisional.to_string(),
        donation.out_of_band.to_string(),
        donation.livemode.to_string(),
        donation.paid_at.map(|it| it.get().to_string()).unwrap_or_default(),
        donation.paid_at.map(|it| day_in_zone(it, zone)).unwrap_or_default(),
        donation.at.get().to_string(),
    ];
    cells.extend(money_cells(money));
    cells
}

fn money_cells(money: &DonationMoney) -> Vec<String> {
    let amounts = [money.balance_amount, money.fee, money.fee_tax, money.balance_net];
    let currency = money.balance_currency.as_ref();
    let decimal = |amount: Option<i64>| {
        text(amount.zip(currency).map(|(amount, currency)| decimal(amount, currency)))
    };
    let mut cells = vec![text(currency)];
    cells.extend(amounts.map(text));
    cells.extend(amounts.map(decimal));
    cells.push(text(money.place.map(MoneyPlace::name)));
    cells.push(text(money.payout.as_ref()));
    cells
}

/// Returns the cells of a total below [`TOTAL_HEADS`].
#[must_use]
pub fn total_cells(total: &Total) -> Vec<String> {
    let amounts = [total.gross, total.refunded, total.lost, total.net];
    let mut row = vec![
        total.currency.to_string(),
        total.kind.name().to_owned(),
        total.livemode.to_string(),
        total.count.to_string(),
    ];
    row.extend(amounts.iter().map(ToString::to_string));
    row.extend(amounts.iter().map(|amount| decimal(*amount, &total.currency)));
    row
}

/// Returns the rows of a table for people: live before test, and below several of a currency and mode
/// their sum, which has no kind.
#[must_use]
pub fn with_sums(mut totals: Vec<Total>) -> Vec<(Option<Kind>, Total)> {
    totals.sort_by(|a, b| (&a.currency, b.livemode).cmp(&(&b.currency, a.livemode)));
    let is_same = |a: &Total, b: &Total| (&a.currency, a.livemode) == (&b.currency, b.livemode);
    let mut rows = Vec::new();
    for group in totals.chunk_by(is_same) {
        rows.extend(group.iter().map(|it| (Some(it.kind), it.clone())));
        if let [first, rest @ ..] = group
            && !rest.is_empty()
        {
            rows.push((None, rest.iter().fold(first.clone(), sum)));
        }
    }
    rows
}

fn sum(one: Total, other: &Total) -> Total {
    Total {
        count: one.count.saturating_add(other.count),
        gross: one.gross.saturating_add(other.gross),
        refunded: one.refunded.saturating_add(other.refunded),
        lost: one.lost.saturating_add(other.lost),
        net: one.net.saturating_add(other.net),
        ..one
    }
}

/// Returns the name of a mode.
#[must_use]
pub fn mode(livemode: bool) -> &'static str {
    if livemode { "live" } else { "test" }
}
