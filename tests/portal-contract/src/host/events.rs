//! Events to deliver, for the cases of this crate and for tests of a host.

use std::fs;

use serde_json::{Value, json};

use crate::host::Failure;

/// The folder of the sample events.
pub(crate) const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// A sample event.
pub struct Sample {
    /// The name, as `folder/file.json`.
    pub name: String,
    /// The id of the event.
    pub id: String,
    /// The body that Stripe would post.
    pub body: String,
}

/// Returns an event about a payment that succeeded.
#[must_use]
pub fn payment(id: &str) -> String {
    event(id, "payment_intent.succeeded")
}

/// Returns an event of this type about a payment.
#[must_use]
pub fn event(id: &str, event_type: &str) -> String {
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

/// Returns an event about a payment with a body of `bytes` bytes.
pub(crate) fn payment_of(bytes: usize, id: &str) -> String {
    let mut body = payment(id);
    body.extend(std::iter::repeat_n(' ', bytes.saturating_sub(body.len())));
    body
}

impl Sample {
    /// Returns the body with another event id.
    pub(crate) fn with_id(&self, id: &str) -> String {
        self.body.replace(&self.id, id)
    }
}

/// Returns all sample events that Stripe could post.
///
/// # Errors
/// If the folder of samples cannot be read.
pub fn samples() -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for entry in fs::read_dir(format!("{SAMPLES}/{folder}"))? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().display());
            // Answers of the API are no events.
            if name.contains("/api_response.") {
                continue;
            }
            let body = fs::read_to_string(entry.path())?;
            let event: Value = serde_json::from_str(&body)?;
            let id = event["id"].as_str().ok_or("a sample has no id")?.to_owned();
            samples.push(Sample { name, id, body });
        }
    }
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(samples)
}
