//! Events to deliver, and their signatures.

use std::fs;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{Result, clock};

/// The signing secret of the host under test, unless a test sets another one.
pub const SECRET: &str = "whsec_of_this_endpoint";

/// A secret that the host does not know.
pub const OTHER_SECRET: &str = "whsec_of_another_endpoint";

/// An e-mail address that every [`gift`] has, and that must not be stored or printed.
pub const DONOR: &str = "hanako.canary-4471@example.org";

/// The time of events, in Unix seconds, unless a test says otherwise.
const CREATED: i64 = 1_790_000_000;

/// The folder of the sample events.
pub const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// Returns the Stripe-Signature header of `body`, signed now with [`SECRET`].
#[must_use]
pub fn signature(body: impl AsRef<[u8]>) -> String {
    signature_at(clock::now(), SECRET, body)
}

/// Returns the Stripe-Signature header of `body`, signed with `secret` at `at` (Unix seconds).
///
/// It is computed as Stripe's documents say and not by the service, which is judged by it.
#[must_use]
#[expect(clippy::expect_used, reason = "a key may have any length")]
pub fn signature_at(at: i64, secret: &str, body: impl AsRef<[u8]>) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    code.update(format!("{at}.").as_bytes());
    code.update(body.as_ref());
    format!("t={at},v1={}", hex::encode(code.finalize().into_bytes()))
}

/// Returns an event about a payment that succeeded.
#[must_use]
pub fn payment(id: &str) -> String {
    event(id, "payment_intent.succeeded")
}

/// Returns an event of this type about a payment, in test mode.
#[must_use]
pub fn event(id: &str, event_type: &str) -> String {
    let mut event = about(id, event_type, &paid("pi_1"), CREATED);
    event["livemode"] = false.into();
    event.to_string()
}

/// Returns an event about a payment with a body of `bytes` bytes.
#[must_use]
pub fn payment_of(bytes: usize, id: &str) -> String {
    let body = payment(id);
    let filler = " ".repeat(bytes.saturating_sub(body.len()));
    body + &filler
}

/// Returns the event `evt_NAME` about the payment `pi_NAME`, which belongs to no invoice.
#[must_use]
pub fn gift(name: &str) -> String {
    let mut payment = paid(&format!("pi_{name}"));
    payment["invoice"] = Value::Null;
    payment["receipt_email"] = DONOR.into();
    let mut event = about(&format!("evt_{name}"), "payment_intent.succeeded", &payment, CREATED);
    event["api_version"] = "2024-06-20".into();
    event.to_string()
}

/// Returns an event about a dispute that withdraws 2,500 US cents of a payment.
#[must_use]
pub fn dispute(id: &str, status: &str, created: i64) -> String {
    let dispute = json!({
        "id": "du_1", "object": "dispute", "amount": 2500, "charge": "ch_1", "currency": "usd",
        "payment_intent": "pi_1", "status": status,
    });
    about(id, "charge.dispute.updated", &dispute, created).to_string()
}

/// Returns a payment of 5,000 JPY.
fn paid(id: &str) -> Value {
    json!({
        "id": id, "object": "payment_intent", "amount": 5000, "amount_received": 5000,
        "currency": "jpy", "status": "succeeded",
    })
}

fn about(id: &str, event_type: &str, object: &Value, created: i64) -> Value {
    json!({
        "id": id, "object": "event", "type": event_type, "api_version": "2025-09-30.clover",
        "created": created, "livemode": true, "data": {"object": object},
    })
}

/// A sample event.
pub struct Sample {
    /// The name, as `folder/file.json`.
    pub name: String,
    /// The id of the event.
    pub id: String,
    /// The body that Stripe would post.
    pub body: String,
}

impl Sample {
    /// Reads the sample of this name below a folder.
    pub(crate) fn read(folder: &str, name: &str) -> Result<Self> {
        let path = format!("{folder}/{name}");
        let body = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let event: Value = serde_json::from_str(&body)?;
        let id = event["id"].as_str().ok_or("a sample has no id")?.to_owned();
        Ok(Self { name: name.to_owned(), id, body })
    }

    /// Returns the body with another event id.
    #[must_use]
    pub fn with_id(&self, id: &str) -> String {
        self.body.replace(&self.id, id)
    }
}

/// Returns all sample events that Stripe could post, in the order of their names.
///
/// # Errors
/// If the folder of samples cannot be read.
pub fn samples() -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for entry in fs::read_dir(format!("{SAMPLES}/{folder}"))? {
            let name = format!("{folder}/{}", entry?.file_name().display());
            // Answers of the API are no events.
            if !name.contains("/api_response.") {
                samples.push(sample(&name)?);
            }
        }
    }
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(samples)
}

/// Returns the sample event of this name.
///
/// # Errors
/// If there is none.
pub fn sample(name: &str) -> Result<Sample> {
    Sample::read(SAMPLES, name)
}
