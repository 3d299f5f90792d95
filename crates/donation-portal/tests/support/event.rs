//! Events to deliver, and their signatures.

use std::fs;

use portal_domain::{Secret, UnixSeconds, sign};
use serde_json::json;

use super::{Result, clock};

/// The server's secret, where a test says nothing else.
pub(crate) const SECRET: &str = "whsec_of_this_endpoint";

/// A secret that the server does not know.
pub(crate) const OTHER_SECRET: &str = "whsec_of_another_endpoint";

/// The folder of the sample events.
pub(crate) const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// Stands in every [`gift`], and must not come out.
pub(crate) const DONOR: &str = "hanako.canary-4471@example.org";

/// A sample event.
pub(crate) struct Sample {
    /// `folder/file.json`
    pub(crate) name: String,
    /// The event's id.
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
}

/// A payment that succeeded.
pub(crate) fn payment(id: &str) -> String {
    event(id, "payment_intent.succeeded")
}

/// The event `evt_NAME` about the payment `pi_NAME`, which is a donation by itself.
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

/// An event of that type, about a payment.
pub(crate) fn event(id: &str, event_type: &str) -> String {
    json!({
        "id": id,
        "object": "event",
        "type": event_type,
        "api_version": "2025-09-30.clover",
        "created": 1_790_000_000,
        "livemode": false,
        "data": { "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "amount": 5000,
            "amount_received": 5000,
            "currency": "jpy",
            "status": "succeeded",
        } },
    })
    .to_string()
}

/// An event about a dispute that takes 2,500 US cents away from a payment.
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

/// The header with which Stripe would post `body` now.
pub(crate) fn signature(body: &[u8]) -> Result<String> {
    signature_at(clock::now()?, SECRET, body)
}

/// The header with which the owner of `secret` posts `body` at a moment.
pub(crate) fn signature_at(at: UnixSeconds, secret: &str, body: &[u8]) -> Result<String> {
    Ok(sign(&Secret::new(secret)?, at, body))
}

/// The moment so many seconds from now; before now where they are negative.
pub(crate) fn seconds_from_now(seconds: i64) -> Result<UnixSeconds> {
    let moment = clock::now()?.get() + seconds;
    Ok(UnixSeconds::new(moment).ok_or("no such moment")?)
}

/// All sample events that Stripe could post.
pub(crate) fn samples() -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for entry in fs::read_dir(format!("{SAMPLES}/{folder}"))? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().display());
            // What the API answers is not what Stripe posts.
            if name.contains("/api_response.") {
                continue;
            }
            let body = fs::read(entry.path())?;
            let event: serde_json::Value = serde_json::from_slice(&body)?;
            let id = event.get("id").and_then(|it| it.as_str());
            let id = id.ok_or("a sample has no id")?.to_owned();
            samples.push(Sample { name, id, body });
        }
    }
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(samples)
}

/// The sample event of that name.
pub(crate) fn sample(name: &str) -> Result<Sample> {
    let found = samples()?.into_iter().find(|it| it.name == name);
    Ok(found.ok_or_else(|| format!("there is no sample {name}"))?)
}
