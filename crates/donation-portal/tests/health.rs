//! Whether it lives and is ready, for those who watch it.

#[expect(dead_code, reason = "each file of tests needs another part")]
mod support;

use serde_json::{Value, json};
use support::Result;
use support::home::{Home, On};
use support::http::request;

crate::on_each_store! {
    a_server_that_can_record_is_ready
}

#[test]
fn health_is_one_word_for_a_monitor() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let answer = server.get("/health")?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, "ok");
    let content_type = answer.header("content-type");
    assert_eq!(content_type, Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    Ok(())
}

#[test]
fn health_can_be_asked_for_by_head() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let mut connection = server.connect()?;
    for path in ["/health", "/health/ready"] {
        connection.send(request("HEAD", path))?;
        let answer = connection.answer_without_body()?.unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
    // Had there been a body, this would be it.
    connection.send(request("GET", "/health"))?;
    assert_eq!(connection.answer()?.unwrap().body, "ok");
    Ok(())
}

#[test]
fn health_tells_more_to_who_wants_json() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let answer =
        server.say("GET /health HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n")?;
    let answer = answer.unwrap();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let health: Value = serde_json::from_str(&answer.body)?;
    assert_eq!(health["service"], "donation-portal");
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let timestamp = health["timestamp"].as_str().unwrap();
    assert!(portal_domain::UnixSeconds::from_rfc3339(timestamp).is_some());
    Ok(())
}

fn a_server_that_can_record_is_ready(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    let answer = server.get("/health/ready")?;
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body)?;
    assert_eq!(body, json!({ "status": "ready" }));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(home.inbox()?, [""; 0], "readiness is no event");
    Ok(())
}

#[test]
fn health_is_for_reading_only() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    for path in ["/health", "/health/ready"] {
        let post = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        let answer = server.say(post)?.unwrap();
        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.error_code()?, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{path}");
    }
    Ok(())
}

#[test]
fn nothing_else_is_there() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    for path in ["/", "/metrics", "/api/webhooks", "/health/", "/api/webhooks/stripe/x"] {
        let answer = server.get(path)?;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.error_code()?, "not_found", "{path}");
        assert!(!answer.body.contains(path) || path == "/", "{path} is repeated");
    }
    Ok(())
}
