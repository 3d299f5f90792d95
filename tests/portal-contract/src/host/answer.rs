//! The answers of a host.

use serde_json::Value;
use ureq::Body;
use ureq::http::{HeaderMap, Response};

use crate::host::Failure;

/// An answer: status, headers and body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: HeaderMap,
}

impl Answer {
    pub(crate) fn read(mut response: Response<Body>) -> Result<Self, Failure> {
        Ok(Self {
            status: response.status().as_u16(),
            body: response.body_mut().read_to_string()?,
            headers: response.headers().clone(),
        })
    }

    /// Returns the value of a header that occurs exactly once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?;
        if values.next().is_some() { None } else { first.to_str().ok() }
    }

    /// Returns everything that the caller reads: each header and the body.
    pub(crate) fn text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| {
            format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
        });
        headers.chain([self.body.clone()]).collect()
    }

    pub(crate) fn json(&self) -> Result<Value, Failure> {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        Ok(serde_json::from_str(&self.body)?)
    }
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
    let body = answer.json()?;
    let message = body.pointer("/error/message").and_then(Value::as_str);
    let message = message.ok_or("an error without a message")?;
    // The body has no other keys.
    assert_eq!(body, serde_json::json!({ "error": { "code": code, "message": message } }));
    Ok(message.to_owned())
}
