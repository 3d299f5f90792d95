//! The columns of payouts and their lines in CSV, one contract for the command line and the console.
//!
//! Cells need no quotes: they are ids, enums, numbers and dates.

use jiff::tz::TimeZone;
use portal_domain::money::decimal;
use portal_domain::payouts::{BalanceLine, Part, PayoutRow, PayoutStatement};
use portal_domain::{Donation, ObjectId};

use crate::period::day_in_zone;

/// Returns the CSV header of payouts, which is a contract. Amounts are in minor units except those
/// named `…_decimal`; `arrives_on` is Stripe's day. Parts are empty where not all lines were read.
#[must_use]
pub fn payout_heads() -> Vec<&'static str> {
    let first = [
        "payout",
        "arrives_on",
        "currency",
        "amount",
        "amount_decimal",
        "state",
        "why",
        "status",
        "failure",
        "automatic",
        "method",
    ];
    let last = ["lines", "difference", "returned_by", "livemode"];
    first.into_iter().chain(Part::ALL.iter().map(|it| it.name())).chain(last).collect()
}

/// Returns the cells of a payout below [`payout_heads`].
#[must_use]
pub fn payout_cells(row: &PayoutRow, statement: &PayoutStatement) -> Vec<String> {
    let payout = &row.payout;
    let mut cells = vec![
        payout.id.to_string(),
        payout.arrives.utc_date(),
        payout.currency.to_string(),
        payout.amount.to_string(),
        decimal(payout.amount, &payout.currency),
        statement.state.name().to_owned(),
        text(statement.state.reason()),
        payout.status.name().to_owned(),
        text(payout.failure.as_ref()),
        payout.automatic.to_string(),
        text(payout.method.as_ref()),
    ];
    let part = |part: &Part| text(statement.sums.map(|it| it.parts.get(*part)));
    cells.extend(Part::ALL.iter().map(part));
    cells.extend([
        text(statement.sums.map(|_| statement.lines)),
        text(statement.off_by()),
        text(row.returned_by.as_ref()),
        payout.livemode.to_string(),
    ]);
    cells
}

/// The CSV header of the lines of payouts, which is a contract. Amounts are in minor units; days are
/// those of the chosen time zone.
pub const LINE_HEADS: [&str; 20] = [
    "payout",
    "line",
    "type",
    "category",
    "part",
    "created_on",
    "available_on",
    "currency",
    "amount",
    "fee",
    "fee_tax",
    "net",
    "source",
    "source_currency",
    "source_amount",
    "payment",
    "donation",
    "kind",
    "paid_on",
    "livemode",
];

/// Returns the cells of a line below [`LINE_HEADS`], with the donation that it is about.
#[must_use]
pub fn line_cells(
    payout: &ObjectId,
    line: &BalanceLine,
    donation: Option<&Donation>,
    zone: &TimeZone,
) -> Vec<String> {
    let source = line.source.as_ref();
    vec![
        payout.to_string(),
        line.id.to_string(),
        line.kind.to_string(),
        line.category.to_string(),
        text(line.part().map(Part::name)),
        day_in_zone(line.created, zone),
        day_in_zone(line.available_on, zone),
        line.currency.to_string(),
        line.amount.to_string(),
        line.fee.to_string(),
        line.fee_tax.to_string(),
        line.net.to_string(),
        text(source.map(|it| &it.id)),
        text(source.and_then(|it| it.currency.as_ref())),
        text(source.and_then(|it| it.amount)),
        text(line.payment()),
        text(donation.map(|it| &it.id)),
        text(donation.map(|it| it.kind.name())),
        text(donation.and_then(|it| it.paid_at).map(|it| day_in_zone(it, zone))),
        line.livemode.to_string(),
    ]
}

/// Returns the cell of something that may be unknown; an empty one if it is.
pub(crate) fn text(it: Option<impl ToString>) -> String {
    it.map(|it| it.to_string()).unwrap_or_default()
}
