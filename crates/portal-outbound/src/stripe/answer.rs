//! What Stripe's answers mean.

use portal_domain::{Fetched, ReadError, UnixSeconds};

use crate::transport::{NoAnswer, Response};

/// Whether another try may come to more.
///
/// What Stripe says itself is above the rule by status
/// (<https://docs.stripe.com/error-low-level#should-retry>). Its own libraries leave a 429 to their
/// caller; here it is a matter of waiting, too (<https://docs.stripe.com/rate-limits>).
pub(super) fn is_worth_another(answer: &Result<Response, NoAnswer>) -> bool {
    match answer {
        Ok(Response { status: 200, .. }) => false,
        Ok(Response { should_retry: Some(should), .. }) => *should,
        Ok(Response { status, .. }) => matches!(status, 409 | 429 | 500..=599),
        Err(NoAnswer::TimedOut | NoAnswer::Unreachable) => true,
    }
}

/// What the last answer comes to; `now` is for one that does not say when it was made.
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
