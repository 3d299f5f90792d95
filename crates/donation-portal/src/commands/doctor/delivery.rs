//! A delivery of its own, through the public URL: signed as Stripe does, and forged.

use std::io::ErrorKind;

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{Secret, Secrets, UnixSeconds};
use serde_json::{Value, json};

use super::finding::{Check, CheckFinding};
use crate::chance;
use crate::exit::Failure;
use crate::sender::{Sender, SenderResponse};

/// Delivers to `url` with each of the secrets, and with one that nobody has. What is recorded is of
/// a type that nobody uses, and is ignored.
pub(super) fn check(
    url: &str,
    secrets: &Secrets,
    now: UnixSeconds,
) -> Result<CheckFinding, Failure> {
    let sender = Sender::new(url);
    let event = event(now);
    let deliver = |secret| outcome(sender.post(secret, now, &event));
    for (place, secret) in secrets.iter().enumerate() {
        if let Some(trouble) = signed(place, deliver(secret)) {
            return Ok(trouble);
        }
    }
    let nobodys = Secret::new(&format!("whsec_{}", chance::hex(16)?))
        .map_err(|error| Failure::could_not("forge a signature", error))?;
    Ok(forged(deliver(&nobodys)))
}

/// What to say where there is nothing to deliver to, or with.
pub(super) fn not_tried(why: &str) -> CheckFinding {
    CheckFinding::not_checked(
        Check::Delivery,
        why,
        "set STRIPE_WEBHOOK_SECRET and WEBHOOK_URL as the server and the endpoint at Stripe have them",
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

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeliveryResult {
    Answered {
        status: u16,
        /// Whether it has the form that this service gives its answers.
        ours: bool,
    },
    /// Too late, or never.
    TimedOut,
    /// No TLS, or with a certificate that does not count.
    Tls,
    /// No such name, no connection, or no HTTP.
    Unreachable,
}

fn outcome(answer: Result<SenderResponse, ureq::Error>) -> DeliveryResult {
    match answer {
        Ok(SenderResponse { status, body }) => {
            DeliveryResult::Answered { status, ours: is_ours(&body) }
        }
        // Longer than any answer of this service.
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

/// What is wrong with how the delivery was taken that the secret in that place, from 0, has signed.
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
            format!("the server refuses what signing secret {secret} has signed (400)"),
            "give the server the same STRIPE_WEBHOOK_SECRET as this command, and restart it; its log says the reason",
        ),
        (503, true) => wrong(
            "the server cannot make events durable now (503)".to_owned(),
            "look for the reason in the server's log, or ask /health/ready",
        ),
        _ => wrong(
            format!("a signed delivery through WEBHOOK_URL was answered {status}"),
            advice_on(status),
        ),
    }
}

/// What an answer means that this service does not give to a signed delivery.
fn advice_on(status: u16) -> &'static str {
    match status {
        200..=299 => {
            "another program answers there: let WEBHOOK_URL and the proxy lead to this server"
        }
        300..=399 => {
            "Stripe follows no redirect: put the URL that it leads to into WEBHOOK_URL and into the endpoint at Stripe"
        }
        401 | 403 | 429 => {
            "a firewall, a login or a bot protection is in front: let POST /api/webhooks/stripe pass it"
        }
        404 | 405 => {
            "the path is wrong: it is /api/webhooks/stripe; or the proxy leads to another program"
        }
        413 => "the proxy takes too little: allow bodies of 1 MiB",
        500..=599 => {
            "the proxy or tunnel does not reach the server: see whether the server runs, and where the proxy leads to"
        }
        _ => {
            "this server does not answer so: see what is in front of it, and where the proxy leads to"
        }
    }
}

/// What was not answered; `outcome` says why.
fn unanswered(outcome: DeliveryResult) -> CheckFinding {
    let (found, advice) = match outcome {
        DeliveryResult::TimedOut => (
            "no answer came through WEBHOOK_URL in time",
            "see whether the server runs, where the proxy leads to, and whether a firewall drops what comes",
        ),
        DeliveryResult::Tls => (
            "no TLS connection that counts could be made to WEBHOOK_URL",
            "renew the certificate, and let the proxy send the whole chain; Stripe takes TLS 1.2 and 1.3 with certificates of public authorities",
        ),
        DeliveryResult::Unreachable | DeliveryResult::Answered { .. } => (
            "there was no connection to WEBHOOK_URL",
            "see whether its name is known (DNS) and the proxy or tunnel runs; where only this machine cannot reach its own public URL, try from another one",
        ),
    };
    CheckFinding::wrong(Check::Delivery, found, advice)
}

fn forged(outcome: DeliveryResult) -> CheckFinding {
    match outcome {
        DeliveryResult::Answered { status: 400, ours: true } => CheckFinding::ok(
            Check::Delivery,
            "through WEBHOOK_URL a signed delivery is taken (200), and a forged one refused (400)",
        ),
        DeliveryResult::Answered { status: status @ 200..=299, .. } => CheckFinding::wrong(
            Check::Delivery,
            format_args!("through WEBHOOK_URL a forged delivery is taken ({status})"),
            advice_on(status),
        ),
        DeliveryResult::Answered { status, .. } => CheckFinding::wrong(
            Check::Delivery,
            format_args!(
                "through WEBHOOK_URL a forged delivery was answered {status} instead of 400"
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
