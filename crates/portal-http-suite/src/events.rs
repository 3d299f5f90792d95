//! Events to deliver, for the cases here and for a host's own tests.

use std::fs;

use serde_json::{Value, json};

use crate::Failure;

/// The folder of the sample events.
pub(crate) const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// A sample event.
pub struct Sample {
    /// `folder/file.json`
    pub name: String,
    /// The event's id.
    pub id: String,
    /// What Stripe would post.
    pub body: String,
}

/// A payment that succeeded.
#[must_use]
pub fn payment(id: &str) -> String {
    event(id, "payment_intent.succeeded")
}

/// An event of that type, about a payment.
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

/// A payment whose body has so many bytes.
pub(crate) fn payment_of(bytes: usize, id: &str) -> String {
    let mut body = payment(id);
    body.extend(std::iter::repeat_n(' ', bytes.saturating_sub(body.len())));
    body
}

impl Sample {
    /// Its body, with that id for its own.
    pub(crate) fn with_id(&self, id: &str) -> String {
        self.body.replace(&self.id, id)
    }
}

/// All sample events that Stripe could post.
///
/// # Errors
/// Where the folder of samples cannot be read.
pub fn samples() -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for entry in fs::read_dir(format!("{SAMPLES}/{folder}"))? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().display());
            // What the API answers is not what Stripe posts.
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
