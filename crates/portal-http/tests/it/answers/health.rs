//! Liveness and readiness.

use axum::body::Body;
use http::Request;
use portal_domain::{Backlog, Ready, StoreError, Unavailable};

use crate::answers::{formatted, json, text};
use crate::support::{Answer, NOW, Portal, Result, sample};

async fn asked(portal: &Portal, method: &str, path: &str, accept: &str) -> Result<Answer> {
    let request = Request::builder().method(method).uri(path).header("accept", accept);
    portal.answer(request.body(Body::empty())?).await
}

#[tokio::test]
async fn head_on_health_has_the_headers_alone() -> Result {
    let portal = Portal::at(NOW)?;
    let answer = asked(&portal, "HEAD", "/health", "*/*").await?;
    let headers =
        "cache-control: no-store\ncontent-length: 2\ncontent-type: text/plain; charset=utf-8";
    assert_eq!(formatted(&answer), format!("200\n{headers}\n\n"));
    Ok(())
}

#[tokio::test]
async fn health_in_json_has_the_version_and_the_time() -> Result {
    let portal = Portal::at(NOW)?;
    let told = r#"{"service":"donation-portal","status":"ok","version":"1.2.3","timestamp":"2026-11-22T13:50:00Z"}"#;
    for accept in ["application/json", "application/json, text/plain, */*"] {
        let answer = asked(&portal, "GET", "/health", accept).await?;
        assert_eq!(formatted(&answer), json(200, &[], told), "{accept}");
    }
    Ok(())
}

#[tokio::test]
async fn a_portal_lives_even_where_it_cannot_record() -> Result {
    let portal = Portal::failing(Unavailable::Store(StoreError::Corrupt))?;
    assert_eq!(formatted(&asked(&portal, "GET", "/health", "*/*").await?), text(200, "ok"));
    Ok(())
}

#[tokio::test]
async fn a_portal_that_cannot_record_names_the_store_as_the_reason() -> Result {
    for (unavailable, message) in [
        (Unavailable::QueueFull, "store: queue_full"),
        (Unavailable::ShuttingDown, "store: shutting_down"),
        (Unavailable::Store(StoreError::Full), "store: store_full"),
    ] {
        let portal = Portal::failing(unavailable)?;
        let answer = asked(&portal, "GET", "/health/ready", "*/*").await?;
        let body = format!(r#"{{"error":{{"code":"unavailable","message":"{message}"}}}}"#);
        assert_eq!(formatted(&answer), json(503, &["retry-after: 5"], &body));
    }
    Ok(())
}

/// Asserts that a portal with this readiness is ready, or that it is not and answers `message`.
async fn assert_ready(known: Ready, message: Option<&str>) -> Result {
    let portal = Portal::knowing(known)?;
    let answer = asked(&portal, "GET", "/health/ready", "*/*").await?;
    assert!(portal.recorded().is_empty());
    let due = match message {
        None => json(200, &[], r#"{"status":"ready"}"#),
        Some(message) => {
            let body = format!(r#"{{"error":{{"code":"unavailable","message":"{message}"}}}}"#);
            json(503, &["retry-after: 5"], &body)
        }
    };
    assert_eq!(formatted(&answer), due, "{known:?}");
    Ok(())
}

#[tokio::test]
async fn a_portal_that_leaves_settings_out_records_and_names_them() -> Result {
    let portal = Portal::leaving_out(vec!["TIME_ZONE", "SLACK_WEBHOOK_URL"])?;
    let body = r#"{"status":"ready","degraded":["settings"],"settings":["TIME_ZONE","SLACK_WEBHOOK_URL"]}"#;
    let answer = asked(&portal, "GET", "/health/ready", "*/*").await?;
    assert_eq!(formatted(&answer), json(200, &[], body));
    let payment = sample("2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json")?;
    assert_eq!(portal.deliver(payment).await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn more_dead_events_than_allowed_make_a_portal_unready_and_events_that_await_do_not() -> Result
{
    for (dead, message) in [(10, None), (11, Some("dead: 11 events are dead"))] {
        let backlog = Backlog { dead, awaiting_object: Backlog::COUNTED_MAX, acknowledged: 0 };
        assert_ready(Ready { backlog, ..Ready::default() }, message).await?;
    }
    Ok(())
}

/// Everybody may ask: no name of a channel, and no reason.
#[tokio::test]
async fn a_portal_whose_channel_fails_is_ready_and_degraded() -> Result {
    let portal = Portal::knowing(Ready { channel_fails: true, ..Ready::default() })?;
    let answer = asked(&portal, "GET", "/health/ready", "*/*").await?;
    let due = json(200, &[], r#"{"status":"ready","degraded":["channels"]}"#);
    assert_eq!(formatted(&answer), due);
    Ok(())
}

#[tokio::test]
async fn a_clock_further_from_the_one_of_the_database_than_half_the_tolerance_is_named() -> Result {
    let advice = "s ahead of the database's; check NTP on both machines";
    for apart in [0, 30, 31, 150, 151] {
        for ahead in [apart, -apart] {
            let message = (apart > 150).then(|| format!("clock: {ahead} {advice}"));
            let known = Ready { clock_ahead_seconds: Some(ahead), ..Ready::default() };
            assert_ready(known, message.as_deref()).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named() -> Result {
    let before_2026 = 1_767_225_599;
    for (now, status) in [(0, 503), (before_2026, 503), (before_2026 + 1, 200)] {
        let portal = Portal::at(now)?;
        let answer = asked(&portal, "GET", "/health/ready", "*/*").await?;
        assert_eq!(answer.status(), status, "{now}");
        if status == 503 {
            let body = r#"{"error":{"code":"unavailable","message":"clock: the time of day is in the past; check NTP"}}"#;
            assert_eq!(formatted(&answer), json(503, &["retry-after: 5"], body));
        }
    }
    Ok(())
}
