//! Test deliveries through the public URL: signed the way Stripe does, and forged.

use std::io::ErrorKind;

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::signature::sign_self_test;
use portal_domain::{Secret, Secrets, UnixSeconds};
use serde_json::{Value, json};

use super::finding::{Check, CheckFinding};
use crate::chance;
use crate::exit::Failure;
use crate::sender::{Sender, SenderResponse};

/// Delivers to `url` with each of the secrets and with a random one. The recorded event has a type
/// that Stripe does not use, and is ignored; the forged delivery proves whose it is, so that the server
/// does not count it as a stranger's.
pub(super) fn check(
    url: &str,
    secrets: &Secrets,
    now: UnixSeconds,
) -> Result<CheckFinding, Failure> {
    let sender = Sender::new(url);
    let event = event(now);
    for (place, secret) in secrets.iter().enumerate() {
        if let Some(trouble) = signed(place, outcome(sender.post(secret, now, &event))) {
            return Ok(trouble);
        }
    }
    let unknown = Secret::new(&format!("whsec_{}", chance::hex(16)?))
        .map_err(|error| Failure::could_not("forge a signature", error))?;
    let secret = secrets.iter().next().ok_or_else(|| Failure::could_not("forge", "no secret"))?;
    let signature = sign_self_test(&unknown, secret, now, &event);
    Ok(forged(outcome(sender.post_signed(&signature, &event))))
}

/// Returns the finding if the URL or the secret is missing.
pub(super) fn not_tried(why: &str) -> CheckFinding {
    CheckFinding::not_checked(
        Check::Delivery,
        why,
        "set STRIPE_WEBHOOK_SECRET as the server has it, and WEBHOOK_URL as the endpoint at Stripe has it",
    )
}

fn event(now: UnixSeconds) -> Vec<u8> {
    let event = json!({
        "id": format!("evt_doctor_{}", now.get()),
        "object": "event",
        "type": DOCTORS_TYPE,
        "api_version": null,
        "created": now,
        "livemode": false,
        "data": { "object": {} },
    });
    event.to_string().into_bytes()
}

/// The result of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeliveryResult {
    Answered {
        status: u16,
        /// True if the body has the form of this service's answers.
        ours: bool,
    },
    TimedOut,
    /// No TLS, or an invalid certificate.
    Tls,
    /// Unknown host name, no connection, or no HTTP.
    Unreachable,
}

fn outcome(answer: Result<SenderResponse, ureq::Error>) -> DeliveryResult {
    match answer {
        Ok(SenderResponse { status, body }) => {
            DeliveryResult::Answered { status, ours: is_ours(&body) }
        }
        // The body is longer than any answer of this service.
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            DeliveryResult::Answered { status: 200, ours: false }
        }
        Err(ureq::Error::Timeout(_)) => DeliveryResult::TimedOut,
        Err(ureq::Error::Tls(_) | ureq::Error::Rustls(_)) => DeliveryResult::Tls,
        Err(ureq::Error::Io(error)) if error.kind() == ErrorKind::InvalidData => {
            DeliveryResult::Tls
        }
        Err(_) => DeliveryResult::Unreachable,
    }
}

fn is_ours(body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body.pointer("/received") == Some(&Value::Bool(true)) || body.pointer("/error/code").is_some()
}

/// Returns the finding for a delivery signed with the secret at index `place`, if its answer is
/// wrong.
fn signed(place: usize, outcome: DeliveryResult) -> Option<CheckFinding> {
    let secret = place.saturating_add(1);
    let wrong = |found: String, advice| Some(CheckFinding::wrong(Check::Delivery, found, advice));
    let (status, ours) = match outcome {
        DeliveryResult::Answered { status, ours } => (status, ours),
        DeliveryResult::TimedOut | DeliveryResult::Tls | DeliveryResult::Unreachable => {
            return Some(unanswered(outcome));
        }
    };
    match (status, ours) {
        (200, true) => None,
        (400, true) => wrong(
            format!("the server rejects a delivery signed with signing secret {secret} (400)"),
            "give the server the same STRIPE_WEBHOOK_SECRET as this command and restart it; its log has the reason",
        ),
        (503, true) => wrong(
            "the server cannot record events now (503)".to_owned(),
            "find the reason in the server's log or at /health/ready",
        ),
        _ => wrong(
            format!("a signed delivery through WEBHOOK_URL was answered with status {status}"),
            advice_on(status),
        ),
    }
}

/// Returns the advice for a status that this service does not answer.
fn advice_on(status: u16) -> &'static str {
    match status {
        200..=299 => "another program answers: point WEBHOOK_URL and the proxy to this server",
        300..=399 => {
            "Stripe does not follow redirects: use the target URL in WEBHOOK_URL and in the endpoint at Stripe"
        }
        401 | 403 | 429 => {
            "a firewall, a login or a bot protection blocks the request: allow POST /api/webhooks/stripe there"
        }
        404 | 405 => {
            "use the path /api/webhooks/stripe, and check whether the proxy leads to another program"
        }
        413 => "allow bodies of 1 MiB at the proxy",
        500..=599 => {
            "the proxy or tunnel does not reach the server: check whether the server runs and where the proxy leads to"
        }
        _ => {
            "this server does not give such an answer: check what is in front of it and where the proxy leads to"
        }
    }
}

/// Returns the finding for a delivery without an answer.
fn unanswered(outcome: DeliveryResult) -> CheckFinding {
    let (found, advice) = match outcome {
        DeliveryResult::TimedOut => (
            "a delivery through WEBHOOK_URL timed out",
            "check whether the server runs, where the proxy leads to, and whether a firewall drops packets",
        ),
        DeliveryResult::Tls => (
            "no valid TLS connection to WEBHOOK_URL",
            "renew the certificate, and have the proxy send the whole chain; Stripe takes TLS 1.2 and 1.3 with certificates of public authorities",
        ),
        DeliveryResult::Unreachable | DeliveryResult::Answered { .. } => (
            "no connection to WEBHOOK_URL",
            "check its name (DNS) and whether the proxy or tunnel runs; if only this machine cannot reach its own public URL, try another machine",
        ),
    };
    CheckFinding::wrong(Check::Delivery, found, advice)
}

fn forged(outcome: DeliveryResult) -> CheckFinding {
    match outcome {
        DeliveryResult::Answered { status: 400, ours: true } => CheckFinding::ok(
            Check::Delivery,
            "through WEBHOOK_URL, a signed delivery is accepted (200) and a forged one rejected (400)",
        ),
        DeliveryResult::Answered { status: status @ 200..=299, .. } => CheckFinding::wrong(
            Check::Delivery,
            format_args!("a forged delivery through WEBHOOK_URL was accepted ({status})"),
            advice_on(status),
        ),
        DeliveryResult::Answered { status, .. } => CheckFinding::wrong(
            Check::Delivery,
            format_args!(
                "a forged delivery through WEBHOOK_URL was answered with status {status} instead of 400"
            ),
            advice_on(status),
        ),
        DeliveryResult::TimedOut | DeliveryResult::Tls | DeliveryResult::Unreachable => {
            unanswered(outcome)
        }
    }
}

#[cfg(test)]
mod tests;
