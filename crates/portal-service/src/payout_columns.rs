//! The columns of payouts and their lines in CSV, one contract for the command line and the console.
//!
//! Cells need no quotes: they are ids, enums, numbers and dates.

use portal_domain::money::decimal;
use portal_domain::payouts::{Part, PayoutRow, PayoutStatement};

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
    let text = |it: Option<&dyn ToString>| it.map(ToString::to_string).unwrap_or_default();
    let mut cells = vec![
        payout.id.to_string(),
        payout.arrives.utc_date(),
        payout.currency.to_string(),
        payout.amount.to_string(),
        decimal(payout.amount, &payout.currency),
        statement.state.name().to_owned(),
        statement.state.reason().unwrap_or_default().to_owned(),
        payout.status.name().to_owned(),
        text(payout.failure.as_ref().map(|it| it as &dyn ToString)),
        payout.automatic.to_string(),
        text(payout.method.as_ref().map(|it| it as &dyn ToString)),
    ];
    cells.extend(
        Part::ALL.iter().map(|part| {
            statement.sums.map(|it| it.parts.get(*part).to_string()).unwrap_or_default()
        }),
    );
    cells.extend([
        statement.sums.map(|_| statement.lines.to_string()).unwrap_or_default(),
        statement.off_by().map(|it| it.to_string()).unwrap_or_default(),
        text(row.returned_by.as_ref().map(|it| it as &dyn ToString)),
        payout.livemode.to_string(),
    ]);
    cells
}
