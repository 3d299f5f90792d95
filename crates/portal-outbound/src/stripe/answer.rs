//! The meaning of Stripe's answers.

use portal_domain::{Fetched, ReadError, UnixSeconds};

use crate::transport::{NoAnswer, Response};

/// True if another attempt may succeed.
///
/// Stripe's own header decides before the status
/// (<https://docs.stripe.com/error-low-level#should-retry>). Its libraries leave a 429 to the
/// caller; here it is retried after a pause as well (<https://docs.stripe.com/rate-limits>).
pub(super) fn is_worth_another(answer: &Result<Response, NoAnswer>) -> bool {
    match answer {
        Ok(Response { status: 200, .. }) => false,
        Ok(Response { should_retry: Some(should), .. }) => *should,
        Ok(Response { status, .. }) => matches!(status, 409 | 429 | 500..=599),
        Err(NoAnswer::TimedOut | NoAnswer::Unreachable) => true,
    }
}

/// Returns the result of the last answer; `now` replaces a missing `Date` header.
pub(super) fn fetched(
    answer: Result<Response, NoAnswer>,
    now: impl Fn() -> UnixSeconds,
) -> Result<Fetched, ReadError> {
    let response = answer.map_err(|no_answer| match no_answer {
        NoAnswer::TimedOut => ReadError::TimedOut,
        NoAnswer::Unreachable => ReadError::Unreachable,
    })?;
    match response.status {
        200 => {
            let body = response.body.ok_or(ReadError::Unreadable)?;
            Ok(Fetched { body, at: response.date.unwrap_or_else(now) })
        }
        401 => Err(ReadError::WrongKey),
        403 => Err(ReadError::NotAllowed),
        404 => Err(ReadError::NotFound),
        429 => Err(ReadError::TooMany),
        status @ (409 | 500..=599) => Err(ReadError::Failing { status }),
        status => Err(ReadError::Refused { status }),
    }
}
