//! Lines of the balance, and the balance.

use serde_json::{Map, Value, json};

use super::Style;
use crate::stripe::account::Account;
use crate::stripe::balance::{Line, Listing};
use crate::stripe::canary;
use crate::stripe::money::BALANCE_TYPES;

/// Renders a line as it is at that time, with its source as `source` shows it.
pub(crate) fn line(it: &Line, source: &Value, style: Style<'_>, now: i64) -> Value {
    let own = match &it.whole {
        Some(whole) => whole.clone(),
        None => rendered(it, style, now),
    };
    let mut fields = Map::new();
    for part in [own, json!({"source": source}), altered(it)] {
        if let Value::Object(more) = part {
            fields.extend(more);
        }
    }
    Value::Object(fields)
}

/// Renders the balance at that time.
pub(crate) fn balance(account: &Account, now: i64) -> Value {
    let sums = |of: fn((i64, i64)) -> i64| {
        let all = account.balance.currencies.iter();
        let all = all.map(|currency| {
            let amount = of(account.balance_at(currency, now));
            json!({"amount": amount, "currency": currency, "source_types": {"card": amount}})
        });
        all.collect::<Vec<_>>()
    };
    json!({
        "object": "balance", "available": sums(|it| it.0), "livemode": account.livemode,
        "pending": sums(|it| it.1),
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    })
}

fn rendered(it: &Line, style: Style<'_>, now: i64) -> Value {
    let fee = |amount, kind, description| {
        json!({
            "amount": amount, "application": null, "currency": it.currency,
            "description": description, "type": kind,
        })
    };
    let mut fees = Vec::new();
    if it.fee != it.fee_tax {
        fees.push(fee(it.fee - it.fee_tax, "stripe_fee", canary::DESCRIPTION));
    }
    if it.fee_tax != 0 {
        fees.push(fee(it.fee_tax, "tax", "JCT"));
    }
    let status = if it.available_on <= now { "available" } else { "pending" };
    let mut line = json!({
        "id": it.id, "object": "balance_transaction", "amount": it.amount,
        "available_on": it.available_on, "created": it.created, "currency": it.currency,
        "description": canary::DESCRIPTION, "exchange_rate": it.rate.map(decimal), "fee": it.fee,
        "fee_details": fees, "net": it.net(), "reporting_category": it.kind.category,
        "status": status, "type": it.kind.name,
    });
    if let Some(line) = line.as_object_mut().filter(|_| style.version >= BALANCE_TYPES) {
        line.insert("balance_type".into(), it.kind.balance.into());
    }
    line
}

fn altered(it: &Line) -> Value {
    match &it.listing {
        Listing::With(fields) => fields.clone(),
        Listing::Right | Listing::Lost | Listing::Twice => Value::Null,
    }
}

/// Returns ten-thousandths as a JSON number.
fn decimal(rate: i64) -> Value {
    let text = format!("{}.{:04}", rate.div_euclid(10_000), rate.rem_euclid(10_000));
    serde_json::from_str(&text).unwrap_or_default()
}
