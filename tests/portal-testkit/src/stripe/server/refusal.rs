//! Stripe's errors (<https://docs.stripe.com/error-low-level>).

use serde_json::{Value, json};

use super::http::Answer;
use crate::stripe::resource::Resource;

/// 401
pub(super) fn wrong_key() -> Answer {
    let message = "Invalid API Key provided: rk_****_*********5519";
    refused(401, json!({"message": message, "type": "invalid_request_error"}))
}

/// 403
pub(super) fn not_allowed(resource: Option<Resource>, key: &str) -> Answer {
    let (permission, end) =
        (resource.map_or("", Resource::permission), key.len().saturating_sub(4));
    let shown = format!(
        "{}*********************{}",
        key.get(..8).unwrap_or(""),
        key.get(end..).unwrap_or("")
    );
    let message = format!(
        "The provided key '{shown}' does not have the required permissions for this endpoint on \
         account 'acct_1Standin'. Having the '{permission}' permission would allow this request to \
         continue."
    );
    refused(403, json!({"message": message, "type": "invalid_request_error"}))
}

/// 404, or 400 if a parameter names the missing object.
pub(super) fn missing(status: u16, what: &str, id: &str, param: &str) -> Answer {
    refused(
        status,
        json!({
            "code": "resource_missing", "message": format!("No such {what}: '{id}'"),
            "doc_url": "https://stripe.com/docs/error-codes/resource-missing", "param": param,
            "type": "invalid_request_error",
        }),
    )
}

/// 404 for an unknown path.
pub(super) fn no_such_path(method: &str, path: &str) -> Answer {
    let message = format!("Unrecognized request URL ({method}: {path}).");
    refused(404, json!({"message": message, "type": "invalid_request_error"}))
}

/// 400 for a parameter.
pub(super) fn bad_parameter(code: &str, param: &str, message: &str) -> Answer {
    refused(
        400,
        json!({
            "code": code, "message": message, "param": param, "type": "invalid_request_error",
        }),
    )
}

/// 400 for the lines of a payout that was made by hand.
pub(super) fn not_automatic() -> Answer {
    let message =
        "Balance transaction history can only be filtered on automatic transfers, not manual.";
    let kind = "invalid_request_error";
    refused(400, json!({"message": message, "param": "payout", "type": kind}))
}

/// 429 by the account's limits.
pub(super) fn rate_limited(reason: &str) -> Answer {
    let mut answer = refused(
        429,
        json!({
            "code": "rate_limit", "doc_url": "https://stripe.com/docs/error-codes/rate-limit",
            "message": "Too many requests hit the API too quickly.",
            "type": "invalid_request_error",
        }),
    );
    answer.headers.push(("Stripe-Rate-Limited-Reason", reason.to_owned()));
    answer
}

/// 429 for another reason than the account's limits.
pub(super) fn lock_timeout() -> Answer {
    let message = "This object cannot be accessed right now because another API request or Stripe \
                   process is currently accessing it.";
    refused(
        429,
        json!({"code": "lock_timeout", "message": message, "type": "invalid_request_error"}),
    )
}

/// 409
pub(super) fn conflict() -> Answer {
    let message = "There is currently another in-progress request.";
    refused(409, json!({"message": message, "type": "idempotency_error"}))
}

/// 500
pub(super) fn failing(should_retry: Option<bool>) -> Answer {
    let mut answer =
        refused(500, json!({"message": "An unknown error occurred", "type": "api_error"}));
    if let Some(should_retry) = should_retry {
        answer.headers.push(("Stripe-Should-Retry", should_retry.to_string()));
    }
    answer
}

#[expect(clippy::needless_pass_by_value, reason = "json! makes values")]
fn refused(status: u16, error: Value) -> Answer {
    Answer { status, headers: Vec::new(), body: json!({"error": error}) }
}
