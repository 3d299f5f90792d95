//! No answer repeats bytes of the request.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Request};
use portal_domain::Unavailable;

use crate::answers::{bad_bodies, formatted};
use crate::support::{NOW, Portal, Result, WEBHOOK, samples};

const CANARY: &str = "canary-4471";

#[tokio::test]
async fn a_path_a_query_a_method_or_a_header_is_not_repeated() -> Result {
    let portal = Portal::at(NOW)?;
    for path in ["/canary-4471", "/health?canary-4471", "/health/ready?canary-4471", WEBHOOK] {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "canary-4471"] {
            for header in
                ["stripe-signature", "accept", "origin", "host", "content-type", "x-request-id"]
            {
                let mut request =
                    Request::builder().method(method).uri(path).body(Body::from(CANARY))?;
                let name = HeaderName::from_static(header);
                request.headers_mut().insert(name, HeaderValue::from_static(CANARY));
                let answer = formatted(&portal.answer(request).await?);
                assert!(!answer.contains(CANARY), "{method} {path} {header}: {answer}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_signature_is_not_repeated() -> Result {
    let portal = Portal::at(NOW)?;
    let right = portal.signature(bad_bodies::EVENT.as_bytes())?;
    for header in [
        CANARY.to_owned(),
        format!("t={CANARY},v1={CANARY}"),
        format!("t={NOW},v1={},{CANARY}", "0".repeat(64)),
        format!("t=1,v1={CANARY}"),
        format!("{right},t={CANARY}"),
    ] {
        let answer = formatted(&portal.post(&header, bad_bodies::EVENT.into()).await?);
        assert!(answer.starts_with("400"), "{answer}");
        assert!(!answer.contains(CANARY), "{header}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_is_not_repeated_whatever_is_wrong_with_it() -> Result {
    let portal = Portal::at(NOW)?;
    for (field, changed) in [
        ("evt_1", CANARY),
        (r#""evt_1""#, CANARY),
        (r#""evt_1""#, r#""canary-4471 ""#),
        (r#""id":"evt_1""#, r#""canary-4471":1"#),
        (r#""event""#, r#""canary-4471""#),
        ("payment_intent.succeeded", CANARY),
        ("1760000000", r#""canary-4471""#),
        ("true", r#""canary-4471""#),
        (r#""livemode""#, r#""account":["canary-4471"],"livemode""#),
        ("pi_1", CANARY),
        ("500", r#""canary-4471""#),
        (r#""amount":500"#, r#""id":"canary-4471""#),
        (r#"{"id":"pi_1","object":"payment_intent","amount":500}"#, r#""canary-4471""#),
    ] {
        assert!(bad_bodies::EVENT.contains(field), "{field}");
        let body = bad_bodies::EVENT.replacen(field, changed, 1);
        let answer = formatted(&portal.deliver(body.clone()).await?);
        assert!(!answer.contains(CANARY), "{body}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn an_event_is_not_repeated_whether_it_is_recorded_or_not() -> Result {
    for portal in [Portal::at(NOW)?, Portal::failing(Unavailable::QueueFull)?] {
        for (name, body) in samples()? {
            let event: serde_json::Value = serde_json::from_slice(&body)?;
            let id = event["id"].as_str().ok_or("no id")?;
            let answer = formatted(&portal.deliver(body.clone()).await?);
            assert!(!answer.contains(id), "{name}: {answer}");
        }
    }
    Ok(())
}
