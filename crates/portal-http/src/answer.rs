//! All answers with their status codes.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// The seconds after which to try again. Stripe has a schedule of its own; this is for other senders.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer to a caller. Messages are fixed texts and numbers of our own, and repeat nothing of the
/// request.
pub(crate) enum Answer {
    /// The event is durable.
    Received,
    /// The service is alive, in one word.
    Ok,
    /// The service is alive, in JSON.
    Health(serde_json::Value),
    /// The request is rejected; sending it again will not help.
    BadRequest(String),
    /// The path is unknown.
    NotFound,
    /// The path takes another method.
    MethodNotAllowed {
        /// The methods that it takes.
        allowed: &'static str,
    },
    /// The body is too large.
    PayloadTooLarge,
    /// The event is not durable now; sending it again will help.
    Unavailable(String),
}

impl Answer {
    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Received | Self::Ok | Self::Health(_) => StatusCode::OK,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut extra = None;
        let (content_type, body): (_, Bytes) = match self {
            Self::Received => (JSON, r#"{"received":true}"#.into()),
            Self::Ok => (TEXT, "ok".into()),
            Self::Health(health) => (JSON, health.to_string().into()),
            Self::BadRequest(message) => (JSON, error("bad_request", &message)),
            Self::NotFound => (JSON, error("not_found", "there is nothing at this path")),
            Self::MethodNotAllowed { allowed } => {
                extra = Some((ALLOW, HeaderValue::from_static(allowed)));
                (JSON, error("method_not_allowed", "this path takes another method"))
            }
            Self::PayloadTooLarge => {
                (JSON, error("payload_too_large", "the body is larger than 1 MiB"))
            }
            Self::Unavailable(message) => {
                extra = Some((RETRY_AFTER, RETRY_AFTER_SECONDS));
                (JSON, error("unavailable", &message))
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(extra);
        response
    }
}

fn error(code: &str, message: &str) -> Bytes {
    json!({ "error": { "code": code, "message": message } }).to_string().into()
}
