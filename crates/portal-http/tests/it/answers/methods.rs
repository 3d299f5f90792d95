//! Paths and methods that do not exist.

use axum::body::Body;
use http::Request;

use crate::answers::{formatted, json};
use crate::support::{NOW, Portal, Result, WEBHOOK};

const OTHER_METHOD: &str =
    r#"{"error":{"code":"method_not_allowed","message":"this path takes another method"}}"#;

#[tokio::test]
async fn another_method_is_answered_with_the_allowed_one() -> Result {
    let portal = Portal::at(NOW)?;
    for (path, allow, methods) in [
        (WEBHOOK, "allow: POST", &["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]),
        (
            "/health",
            "allow: GET, HEAD",
            &["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"],
        ),
        (
            "/health/ready",
            "allow: GET, HEAD",
            &["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"],
        ),
    ] {
        for method in methods {
            let request = Request::builder().method(*method).uri(path).body(Body::empty())?;
            let answer = portal.answer(request).await?;
            assert_eq!(formatted(&answer), json(405, &[allow], OTHER_METHOD), "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn head_on_the_webhook_gets_the_allowed_method_without_a_body() -> Result {
    let portal = Portal::at(NOW)?;
    let answer = portal.answer(Request::head(WEBHOOK).body(Body::empty())?).await?;
    let with_body = json(405, &["allow: POST"], OTHER_METHOD);
    assert_eq!(formatted(&answer), with_body.replace(OTHER_METHOD, ""));
    Ok(())
}

#[tokio::test]
async fn there_is_nothing_at_any_other_path() -> Result {
    let portal = Portal::at(NOW)?;
    let nothing = r#"{"error":{"code":"not_found","message":"there is nothing at this path"}}"#;
    for path in [
        "/",
        "/api",
        "/api/webhooks",
        "/api/webhooks/stripe/",
        "/api/webhooks/Stripe",
        "/api/webhooks/stripe/evt_1",
        "//api/webhooks/stripe",
        "/api/webhooks/%73tripe",
        "/health/",
        "/health/live",
        "/healthz",
        "/metrics",
        "/../etc/passwd",
        "/favicon.ico",
    ] {
        for method in ["GET", "POST", "PUT", "OPTIONS"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty())?;
            let answer = portal.answer(request).await?;
            assert_eq!(formatted(&answer), json(404, &[], nothing), "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_query_changes_nothing() -> Result {
    let portal = Portal::at(NOW)?;
    let health = portal.answer(Request::get("/health?verbose=1").body(Body::empty())?).await?;
    assert_eq!(health.status(), 200);
    let webhook = Request::get(format!("{WEBHOOK}?x=y")).body(Body::empty())?;
    assert_eq!(portal.answer(webhook).await?.status(), 405);
    Ok(())
}
