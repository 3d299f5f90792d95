//! Liveness and readiness of the running server.

use crate::support::Result;
use crate::support::home::{On, TestHome};
use crate::support::http::request;
use serde_json::{Value, json};

on_each_store! {
    a_server_that_can_record_is_ready
}

#[test]
fn health_can_be_asked_for_by_head() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let mut connection = server.connect()?;
    for path in ["/health", "/health/ready"] {
        connection.send(request("HEAD", path))?;
        let answer = connection.answer_without_body()?.unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
    // A body of the first answer would be read here.
    connection.send(request("GET", "/health"))?;
    assert_eq!(connection.answer()?.unwrap().body, "ok");
    Ok(())
}

#[test]
fn health_in_json_has_this_version() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let answer =
        server.say("GET /health HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n")?;
    let health: Value = serde_json::from_str(&answer.unwrap().body)?;
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    Ok(())
}

fn a_server_that_can_record_is_ready(on: On) -> Result {
    let home = TestHome::on(on)?;
    let server = home.serve()?;
    let answer = server.get("/health/ready")?;
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body)?;
    assert_eq!(body, json!({ "status": "ready" }));
    assert_eq!(home.inbox()?, [""; 0], "readiness is no event");
    Ok(())
}
