//! Deliveries that are refused because of their signature, or because their body is no event.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{AnswerOutcome, Unavailable};

use crate::answers::{bad_bodies, formatted, json};
use crate::support::{ELAPSED_MS, NOW, Portal, Result, SECRET, WEBHOOK};

fn bad_request(message: &str) -> String {
    let body = format!(r#"{{"error":{{"code":"bad_request","message":"{message}"}}}}"#);
    json(400, &[], &body)
}

/// The host is notified of the refusal, to raise an alert.
#[tokio::test]
async fn the_host_is_notified_of_refusals_and_of_nothing_else() -> Result {
    let portal = Portal::at(NOW)?;
    portal.deliver(bad_bodies::EVENT).await?;
    portal.post("t=1,v1=00", bad_bodies::EVENT.into()).await?;
    portal.deliver("[]").await?;
    assert_eq!(portal.turned_away(), ["malformed_header", "not_an_event"]);
    let failing = Portal::failing(Unavailable::QueueFull)?;
    failing.deliver(bad_bodies::EVENT).await?;
    assert_eq!(failing.turned_away(), ["queue_full"]);
    Ok(())
}

/// The events of `doctor` and those that are not durable prove nothing about Stripe's deliveries.
#[tokio::test]
async fn the_host_is_notified_of_what_stripe_sent_and_is_durable() -> Result {
    let portal = Portal::at(NOW)?;
    portal.deliver(bad_bodies::EVENT).await?;
    portal.deliver(bad_bodies::EVENT).await?;
    assert_eq!(portal.accepted(), 2);
    portal.deliver(doctors_event()).await?;
    portal.deliver("[]").await?;
    assert_eq!((portal.accepted(), portal.recorded().len()), (2, 2));
    let failing = Portal::failing(Unavailable::QueueFull)?;
    failing.deliver(bad_bodies::EVENT).await?;
    assert_eq!(failing.accepted(), 0);
    Ok(())
}

/// The times of all answers are counted, by outcome.
#[tokio::test]
async fn the_host_is_notified_of_each_answer_with_its_time() -> Result {
    let portal = Portal::at(NOW)?;
    portal.deliver(bad_bodies::EVENT).await?;
    portal.deliver(bad_bodies::EVENT).await?;
    portal.post("t=1,v1=00", bad_bodies::EVENT.into()).await?;
    let took = Duration::from_millis(ELAPSED_MS);
    let id = portal.recorded().pop();
    let due = [
        (AnswerOutcome::Recorded, None, id.clone(), took),
        (AnswerOutcome::Duplicate, None, id.clone(), took),
        (AnswerOutcome::Rejected, Some("malformed_header"), None, took),
    ];
    assert_eq!(portal.answered(), due);
    let failing = Portal::failing(Unavailable::QueueFull)?;
    failing.deliver(bad_bodies::EVENT).await?;
    assert_eq!(failing.answered(), [(AnswerOutcome::Unavailable, Some("queue_full"), id, took)]);
    Ok(())
}

/// People who read a number of deliveries answered 503 look for as many payments.
#[tokio::test]
async fn a_test_of_doctor_is_no_delivery_that_could_not_be_stored() -> Result {
    let failing = Portal::failing(Unavailable::QueueFull)?;
    assert_eq!(failing.deliver(doctors_event()).await?.status(), 503);
    assert_eq!(failing.turned_away(), [""; 0]);
    Ok(())
}

fn doctors_event() -> String {
    bad_bodies::EVENT.replace("evt_1", "evt_2").replace("payment_intent.succeeded", DOCTORS_TYPE)
}

#[tokio::test]
async fn a_signature_with_any_of_the_secrets_is_taken() -> Result {
    let all = format!("whsec_live,{SECRET},whsec_thin");
    for signer in ["whsec_live", SECRET, "whsec_thin"] {
        let signature = Portal::new(NOW, signer, None)?.signature(bad_bodies::EVENT.as_bytes())?;
        let portal = Portal::new(NOW, &all, None)?;
        let answer = portal.post(&signature, bad_bodies::EVENT.into()).await?;
        assert_eq!(answer.status(), 200, "{signer}");
        assert_eq!(portal.recorded(), ["evt_1"], "{signer}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_body_without_a_signature_is_not_looked_at() -> Result {
    let portal = Portal::at(NOW)?;
    for bad in bad_bodies::all() {
        let answer = portal.answer(Request::post(WEBHOOK).body(Body::from(bad.body))?).await?;
        let expected = bad_request("the Stripe-Signature header is missing");
        assert_eq!(formatted(&answer), expected, "{}", bad.what);
    }
    assert!(portal.recorded().is_empty());
    Ok(())
}
