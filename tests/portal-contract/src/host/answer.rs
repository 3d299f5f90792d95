//! Asserts what a host answers.

use portal_testkit::http::Answer;
use serde_json::Value;

use crate::host::Failure;

/// Returns the body of an answer in JSON.
#[track_caller]
pub(crate) fn json(answer: &Answer) -> Result<Value, Failure> {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    answer.json()
}

/// Asserts that a delivery was acknowledged.
#[track_caller]
pub(crate) fn assert_received(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, r#"{"received":true}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// Asserts that a delivery was refused (400) with this message.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, message: &str) -> Result<(), Failure> {
    assert_eq!(assert_error(answer, 400, "bad_request")?, message);
    Ok(())
}

/// Asserts that a request was answered with this error code; returns the message.
#[track_caller]
pub(crate) fn assert_error(answer: &Answer, status: u16, code: &str) -> Result<String, Failure> {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = json(answer)?;
    let message = body.pointer("/error/message").and_then(Value::as_str);
    let message = message.ok_or("an error without a message")?;
    // The body has no other keys.
    assert_eq!(body, serde_json::json!({ "error": { "code": code, "message": message } }));
    Ok(message.to_owned())
}
