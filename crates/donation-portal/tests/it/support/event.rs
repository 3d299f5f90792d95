//! Events to deliver, and their signatures.

use portal_domain::{Secret, UnixSeconds, sign};
use portal_testkit::events;
use serde_json::json;

use super::{Result, clock};

/// The signing secret of the server, unless a test sets another one.
pub(crate) const SECRET: &str = "whsec_of_this_endpoint";

/// A secret that the server does not know.
pub(crate) const OTHER_SECRET: &str = "whsec_of_another_endpoint";

/// An e-mail address that every [`gift`] has, and that must not be stored or printed.
pub(crate) const DONOR: &str = "hanako.canary-4471@example.org";

/// A sample event.
pub(crate) type Sample = events::Sample;

/// Returns an event about a payment that succeeded.
pub(crate) fn payment(id: &str) -> String {
    events::payment(id)
}

/// Returns an event of this type about a payment.
pub(crate) fn event(id: &str, event_type: &str) -> String {
    events::event(id, event_type)
}

/// Returns all sample events that Stripe could post.
pub(crate) fn samples() -> Result<Vec<Sample>> {
    events::samples()
}

/// Returns the event `evt_NAME` about the payment `pi_NAME`, which belongs to no invoice.
pub(crate) fn gift(name: &str) -> String {
    json!({
        "id": format!("evt_{name}"),
        "object": "event",
        "type": "payment_intent.succeeded",
        "api_version": "2024-06-20",
        "created": 1_790_000_000,
        "livemode": true,
        "data": { "object": {
            "id": format!("pi_{name}"),
            "object": "payment_intent",
            "amount": 5000,
            "amount_received": 5000,
            "currency": "jpy",
            "status": "succeeded",
            "invoice": null,
            "receipt_email": DONOR,
        } },
    })
    .to_string()
}

/// Returns an event about a dispute that withdraws 2,500 US cents of a payment.
pub(crate) fn dispute(id: &str, status: &str, created: i64) -> String {
    json!({
        "id": id,
        "object": "event",
        "type": "charge.dispute.updated",
        "api_version": "2025-09-30.clover",
        "created": created,
        "livemode": true,
        "data": { "object": {
            "id": "du_1",
            "object": "dispute",
            "amount": 2500,
            "charge": "ch_1",
            "currency": "usd",
            "payment_intent": "pi_1",
            "status": status,
        } },
    })
    .to_string()
}

/// Returns the Stripe-Signature header of `body`, signed now.
pub(crate) fn signature(body: &[u8]) -> Result<String> {
    signature_at(clock::now()?, SECRET, body)
}

/// Returns the Stripe-Signature header of `body`, signed with `secret` at `at`.
pub(crate) fn signature_at(at: UnixSeconds, secret: &str, body: &[u8]) -> Result<String> {
    Ok(sign(&Secret::new(secret)?, at, body))
}

/// Returns the time `seconds` from now; in the past if they are negative.
pub(crate) fn seconds_from_now(seconds: i64) -> Result<UnixSeconds> {
    let moment = clock::now()?.get() + seconds;
    Ok(UnixSeconds::new(moment).ok_or("no such moment")?)
}

/// Returns the sample event of this name.
pub(crate) fn sample(name: &str) -> Result<Sample> {
    let found = samples()?.into_iter().find(|it| it.name == name);
    Ok(found.ok_or_else(|| format!("there is no sample {name}"))?)
}
