//! The table of paths.

use serde_json::Value;

use super::http::Answer;
use super::params::Params;
use super::{Request, endpoint, lines, lists, refusal};
use crate::stripe::account::Account;
use crate::stripe::object::ObjectKind;
use crate::stripe::render::{Style, balance};

pub(super) fn answer(account: &Account, request: &Request, now: i64) -> Answer {
    let version = request.version.as_deref().unwrap_or(account.api_version);
    if !is_version(version) {
        let message = format!("Invalid Stripe API version: {version}");
        return refusal::bad_parameter("parameter_invalid", "Stripe-Version", &message);
    }
    found(account, request, Style::of(account, version), now)
        .map_or_else(|refused| refused, Answer::ok)
}

fn found(
    account: &Account,
    request: &Request,
    style: Style<'_>,
    now: i64,
) -> Result<Value, Answer> {
    use ObjectKind as Kind;
    let one = |kind, id| object(account, kind, id, request, style, now);
    let all = |kind| lists::objects(account, kind, request, style, now);
    let path: Vec<_> = request.path.split('/').skip(1).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["v1", "events"]) => lists::events(account, request, now),
        ("GET", ["v1", "events", id]) => {
            let event = account.event_by_id(id, now).and_then(|it| account.listed(it));
            event.ok_or_else(|| refusal::missing(404, "event", id, "id"))
        }
        ("GET", ["v2", "core", "events", id]) => {
            account.thin_event(id, now).ok_or_else(|| refusal::missing(404, "event", id, "id"))
        }
        ("GET", ["v1", "payment_intents"]) => all(Kind::PaymentIntent),
        ("GET", ["v1", "payment_intents", id]) => one(Kind::PaymentIntent, id),
        ("GET", ["v1", "invoices"]) => all(Kind::Invoice),
        ("GET", ["v1", "invoices", id]) => one(Kind::Invoice, id),
        ("GET", ["v1", "invoice_payments"]) => {
            lists::invoice_payments(account, request, style, now)
        }
        ("GET", ["v1", "invoice_payments", id]) => one(Kind::InvoicePayment, id),
        ("GET", ["v1", "charges", id]) => one(Kind::Charge, id),
        ("GET", ["v1", "refunds"]) => all(Kind::Refund),
        ("GET", ["v1", "refunds", id]) => one(Kind::Refund, id),
        ("GET", ["v1", "credit_notes", id]) => one(Kind::CreditNote, id),
        ("GET", ["v1", "disputes"]) => all(Kind::Dispute),
        ("GET", ["v1", "disputes", id]) => one(Kind::Dispute, id),
        ("GET", ["v1", "checkout", "sessions", id]) => one(Kind::CheckoutSession, id),
        ("GET", ["v1", "subscriptions", id]) => one(Kind::Subscription, id),
        ("GET", ["v1", "payouts"]) => all(Kind::Payout),
        ("GET", ["v1", "payouts", id]) => one(Kind::Payout, id),
        ("GET", ["v1", "balance_transactions"]) => lines::lines(account, request, style, now),
        ("GET", ["v1", "balance"]) => Ok(balance(account, now)),
        ("GET", ["v1", "webhook_endpoints"]) => endpoint::endpoints(account, &request.query),
        (method, _) => Err(refusal::no_such_path(method, &request.path)),
    }
}

fn object(
    account: &Account,
    kind: ObjectKind,
    id: &str,
    request: &Request,
    style: Style<'_>,
    now: i64,
) -> Result<Value, Answer> {
    let params = Params::of(&request.query, &[&["expand[]"]])?;
    let expands = lists::expands(&params, kind, "latest_charge")?;
    let object = account.object(kind, id, now);
    let object = object.ok_or_else(|| refusal::missing(404, kind.name(), id, "id"))?;
    Ok(lists::shown(account, object, style, expands, now))
}

/// True for a date, with a name behind it since 2024-09-30.
fn is_version(text: &str) -> bool {
    let (date, name) = text.split_once('.').unwrap_or((text, ""));
    let digits = date.split('-').map(|it| it.bytes().filter(u8::is_ascii_digit).count());
    date.len() == 10 && digits.eq([4, 2, 2]) && name.bytes().all(|it| it.is_ascii_lowercase())
}
