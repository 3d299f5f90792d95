//! Deliveries that are refused because of their signature, or because their body is no event.

use axum::body::Body;
use http::Request;
use portal_domain::Unavailable;

use crate::answers::signature_cases::REFUSED_AT_START;
use crate::answers::{bad_bodies, formatted, json, signature_cases};
use crate::support::{NOW, Portal, Result, SECRET, WEBHOOK};

fn bad_request(message: &str) -> String {
    let body = format!(r#"{{"error":{{"code":"bad_request","message":"{message}"}}}}"#);
    json(400, &[], &body)
}

#[tokio::test]
async fn every_signature_case_gets_its_answer() -> Result {
    for case in signature_cases::all()? {
        if case.portal == REFUSED_AT_START {
            assert!(Portal::new(case.now, &case.secret, None).is_err(), "{}", case.name);
            continue;
        }
        let portal = Portal::new(case.now, &case.secret, None)?;
        let mut request = Request::post(WEBHOOK);
        if let Some(header) = &case.header {
            request = request.header("stripe-signature", header.as_bytes());
        }
        let answer = portal.answer(request.body(Body::from(case.body()?))?).await?;
        let message = match case.portal.as_str() {
            "accept" => {
                let of_the_body = answer.body().contains(r#""message":"the body is not "#);
                assert!(answer.status() == 200 || of_the_body, "{}: {}", case.name, answer.body());
                continue;
            }
            "reject: no signature header" => "the Stripe-Signature header is missing",
            "reject: malformed signature header" => "the Stripe-Signature header is malformed",
            "reject: no signature matches" => "the signature matches no secret",
            "reject: timestamp outside tolerance" => {
                "the signature's timestamp is outside the tolerance"
            }
            other => return Err(format!("{}: {other}", case.name).into()),
        };
        assert_eq!(formatted(&answer), bad_request(message), "{}", case.name);
        assert!(portal.recorded().is_empty(), "{}", case.name);
    }
    Ok(())
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

#[tokio::test]
async fn two_signature_headers_are_malformed_even_where_both_are_right() -> Result {
    let portal = Portal::at(NOW)?;
    let signature = portal.signature(bad_bodies::EVENT.as_bytes())?;
    let request = Request::post(WEBHOOK)
        .header("stripe-signature", &signature)
        .header("stripe-signature", &signature)
        .body(Body::from(bad_bodies::EVENT))?;
    let answer = portal.answer(request).await?;
    assert_eq!(formatted(&answer), bad_request("the Stripe-Signature header is malformed"));
    assert!(portal.recorded().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_signature_header_past_4096_bytes_is_malformed() -> Result {
    let portal = Portal::at(NOW)?;
    let signature = portal.signature(bad_bodies::EVENT.as_bytes())?;
    let header = format!("{signature},x={}", "x".repeat(4096));
    let answer = portal.post(&header, bad_bodies::EVENT.into()).await?;
    assert_eq!(formatted(&answer), bad_request("the Stripe-Signature header is malformed"));
    assert!(portal.recorded().is_empty());
    Ok(())
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
async fn a_signed_body_that_is_no_event_is_a_bad_request_and_never_an_error_of_ours() -> Result {
    let portal = Portal::at(NOW)?;
    for bad in bad_bodies::all() {
        let answer = portal.deliver(bad.body).await?;
        let message = match bad.reason {
            "not_utf8" => "the body is not UTF-8",
            "not_json" => "the body is not JSON (line ",
            "too_deep" => "the body is nested deeper than 128 levels",
            "not_an_event" => "the body is not an event (noticed at line ",
            "other_object" => "the body is not an event: object is neither event nor v2.core.event",
            "unreadable_object" => {
                "the event's object has no id, an amount that is not an integer, or a key twice"
            }
            other => return Err(format!("{}: {other}", bad.what).into()),
        };
        let start = format!(r#"{{"error":{{"code":"bad_request","message":"{message}"#);
        assert!(answer.body().starts_with(&start), "{}: {}", bad.what, answer.body());
        assert_eq!(formatted(&answer), json(400, &[], answer.body()), "{}", bad.what);
    }
    assert!(portal.recorded().is_empty());
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
