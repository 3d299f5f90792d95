//! Lists, the newest first.

use serde_json::{Map, Value};

use super::http::Answer;
use super::params::{CREATED, PAGES, Params};
use super::{Request, refusal};
use crate::stripe::account::Account;
use crate::stripe::object::{Object, ObjectKind};
use crate::stripe::render::{Style, render};

/// The most event types that a list may be restricted to
/// (<https://docs.stripe.com/api/events/list>).
const TYPES_MAX: usize = 20;

/// The parameters that select the links of one payment.
const PAYMENT: [&str; 2] = ["payment[type]", "payment[payment_intent]"];

pub(super) fn list(path: &str, data: Vec<Value>, has_more: bool) -> Value {
    let mut list = Map::new();
    list.insert("object".into(), "list".into());
    list.insert("data".into(), data.into());
    list.insert("has_more".into(), has_more.into());
    list.insert("url".into(), path.into());
    Value::Object(list)
}

/// Lists events, each in the version in which it was made, whatever version is requested.
pub(super) fn events(account: &Account, request: &Request, now: i64) -> Result<Value, Answer> {
    const ONLY: [&str; 3] = ["type", "types[]", "delivery_success"];
    let params = Params::of(&request.query, &[&PAGES, &CREATED, &ONLY])?;
    let types: Vec<_> = params.all("types[]").chain(params.one("type")).collect();
    if params.one("type").is_some() && params.one("types[]").is_some() {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(refusal::bad_parameter("parameter_invalid", "types", message));
    }
    if types.len() > TYPES_MAX {
        let message = "You may only specify up to 20 types.";
        return Err(refusal::bad_parameter("parameter_invalid", "types", message));
    }
    let is_there = |id: &str| account.event_by_id(id, now).is_some();
    let wanted = params.wanted("event", is_there)?;
    let page = account.event_page(&wanted, now, |it| {
        types.is_empty() || types.iter().any(|pattern| fits(it, pattern))
    });
    let shown = page.things.into_iter().filter_map(|it| account.listed(it)).collect();
    Ok(list("/v1/events", shown, page.has_more))
}

/// Lists objects in their present state.
pub(super) fn objects(
    account: &Account,
    kind: ObjectKind,
    request: &Request,
    style: Style<'_>,
    now: i64,
) -> Result<Value, Answer> {
    let params = Params::of(&request.query, &[&PAGES, &CREATED, &["expand[]"]])?;
    let expands = expands(&params, kind, "data.latest_charge")?;
    let is_there = |id: &str| account.object(kind, id, now).is_some();
    let wanted = params.wanted(kind.name(), is_there)?;
    let Some(page) = account.object_page(kind, &wanted, now) else {
        return Ok(list(kind.path(), Vec::new(), false));
    };
    let states = page.things.into_iter().filter_map(|it| it.at(now));
    let shown = states.map(|it| shown(account, it, style, expands, now)).collect();
    Ok(list(kind.path(), shown, page.has_more))
}

/// Lists the links of one payment, which are few, or of all payments.
pub(super) fn invoice_payments(
    account: &Account,
    request: &Request,
    style: Style<'_>,
    now: i64,
) -> Result<Value, Answer> {
    let kind = ObjectKind::InvoicePayment;
    if !request.query.iter().any(|(name, _)| PAYMENT.contains(&name.as_str())) {
        return objects(account, kind, request, style, now);
    }
    let params = Params::of(&request.query, &[&PAGES, &PAYMENT])?;
    if params.one("payment[type]") != Some("payment_intent") {
        let message = "Invalid payment[type]: must be payment_intent.";
        return Err(refusal::bad_parameter("parameter_invalid", "payment[type]", message));
    }
    let payment = params.one("payment[payment_intent]").unwrap_or_default();
    let found = account.invoice_payments_of(payment, now);
    let shown = found.map(|it| render(it, style)).collect();
    Ok(list(kind.path(), shown, false))
}

/// True if the request expands a payment's charge, which is at `path`.
///
/// # Errors
/// 400 if it expands anything else.
pub(super) fn expands(params: &Params<'_>, kind: ObjectKind, path: &str) -> Result<bool, Answer> {
    let mut wanted = params.all("expand[]");
    match wanted.find(|it| *it != path || kind != ObjectKind::PaymentIntent) {
        Some(other) => {
            let message = format!("This property cannot be expanded ({other}).");
            Err(refusal::bad_parameter("parameter_invalid", "expand", &message))
        }
        None => Ok(params.one("expand[]").is_some()),
    }
}

/// Returns an object in its present state.
pub(super) fn shown(
    account: &Account,
    object: &Object,
    style: Style<'_>,
    expands: bool,
    now: i64,
) -> Value {
    let charge = object.charge.as_ref().filter(|_| expands);
    let latest_charge = charge.and_then(|id| account.object(ObjectKind::Charge, id, now));
    render(object, Style { latest_charge, ..style })
}

/// `*` stands for any end.
fn fits(event_type: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(event_type == pattern, |begin| event_type.starts_with(begin))
}
