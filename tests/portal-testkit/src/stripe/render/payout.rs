//! Payouts.

use serde_json::{Value, json};

use super::Style;
use crate::stripe::canary;
use crate::stripe::money::{line_id, return_id};
use crate::stripe::object::{Feature, Object};

/// From this version on a payout has `trace_id` and `payout_method`.
const TRACES: &str = "2024-11-20";

pub(super) fn payout(it: &Object, style: Style<'_>) -> Vec<Value> {
    let returned = matches!(it.status, "failed" | "canceled");
    let method = if it.feature == Some(Feature::Instant) { "instant" } else { "standard" };
    let reconciliation = match (it.is_by_hand(), it.reconciled) {
        (true, _) => "not_applicable",
        (false, true) => "completed",
        (false, false) => "in_progress",
    };
    // An expanded answer has the whole bank account, as recorded ones of failed payouts do.
    let destination = if returned { canary::bank_account() } else { canary::BANK_ACCOUNT.into() };
    let mut more = vec![json!({
        "amount": it.amount, "application_fee": null, "application_fee_amount": null,
        "arrival_date": it.paid_at, "automatic": !it.is_by_hand(),
        "balance_transaction": line_id(&it.id), "description": canary::payout(),
        "destination": destination,
        "failure_balance_transaction": returned.then(|| return_id(&it.id)),
        "failure_code": it.reason, "failure_message": it.reason.map(|_| canary::BANK),
        "metadata": canary::metadata(), "method": method, "original_payout": null,
        "reconciliation_status": reconciliation, "reversed_by": null, "source_type": "card",
        "statement_descriptor": canary::BANK, "status": it.status, "type": "bank_account",
    })];
    if style.version >= TRACES {
        let trace = match it.status {
            "paid" => json!({"status": "supported", "value": canary::TRACE}),
            _ => json!({"status": "pending", "value": null}),
        };
        more.push(json!({"payout_method": null, "trace_id": trace}));
    }
    more
}
