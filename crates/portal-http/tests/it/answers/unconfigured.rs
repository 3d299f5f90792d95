//! A host whose configuration is wrong.

use axum::body::Body;
use http::Request;

use crate::answers::{formatted, json, text};
use crate::support::{Portal, Result, WEBHOOK, sample};

const PROBLEM: &str = "STRIPE_WEBHOOK_SECRET is not set";

#[tokio::test]
async fn it_takes_no_delivery_and_names_the_variable() -> Result {
    let portal = Portal::unconfigured(PROBLEM)?;
    let body = r#"{"error":{"code":"unavailable","message":"configuration: STRIPE_WEBHOOK_SECRET is not set"}}"#;
    let due = json(503, &["retry-after: 5"], body);
    let payment = sample("2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json")?;
    assert_eq!(formatted(&portal.deliver(payment).await?), due);
    for path in [WEBHOOK, "/health/ready", "/", "/nothing"] {
        let answer = portal.answer(Request::get(path).body(Body::empty())?).await?;
        assert_eq!(formatted(&answer), due, "{path}");
    }
    assert!(portal.recorded().is_empty());
    Ok(())
}

#[tokio::test]
async fn it_lives_all_the_same() -> Result {
    let portal = Portal::unconfigured(PROBLEM)?;
    let answer = portal.answer(Request::get("/health").body(Body::empty())?).await?;
    assert_eq!(formatted(&answer), text(200, "ok"));
    let posted = portal.answer(Request::post("/health").body(Body::empty())?).await?;
    assert_eq!(posted.status(), 405);
    Ok(())
}
