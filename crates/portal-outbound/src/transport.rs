//! What a host lends: a way to post and to get, and what came back.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::fmt::rfc2822;
use portal_domain::UnixSeconds;

/// How long a post may take in all, in earnest: well within the lease of a notification
/// ([`portal_domain::notify::NOTIFICATION_LEASE`]), or it would be told twice. The services answer within a
/// second.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// How much is read of an answer, in bytes: a page of a hundred large invoices has about 1 MiB.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Posts and gets JSON. Whoever implements it follows no redirect: what an address leads on to is
/// not what was configured.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Posts `body`, which is JSON, to `url`, which is a secret. An answer with any status is an
    /// [`PostResponse`].
    async fn post(&self, url: &str, body: &[u8]) -> Result<PostResponse, NoAnswer>;

    /// Gets `url` with `headers`, which hold a secret, within `deadline`, the body included. An
    /// answer with any status is a [`Response`]; only a 200's body is read.
    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Response, NoAnswer>;
}

/// What a post was answered. Nobody reads the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostResponse {
    /// The HTTP status.
    pub status: u16,
    /// For how many seconds to wait, where it was said: rounded up, one at least.
    pub retry_after: Option<u32>,
}

/// What a get was answered. It may hold personal data: it has no `Debug` on purpose.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// When it was made, where it was said: the header `Date`.
    pub date: Option<UnixSeconds>,
    /// Whether to ask again, where it was said: the header `Stripe-Should-Retry`.
    pub should_retry: Option<bool>,
    /// The body, where it was read; `None` where it is longer than [`ANSWER_BYTES_MAX`], too.
    pub body: Option<Bytes>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// It took too long.
    TimedOut,
    /// There was no connection, it broke off, or it did not speak HTTP.
    Unreachable,
}

impl PostResponse {
    /// An answer with `status` and, where there was one, the header `Retry-After`.
    #[must_use]
    pub fn new(status: u16, retry_after: Option<&str>) -> Self {
        Self { status, retry_after: retry_after.and_then(seconds) }
    }
}

impl Response {
    /// A response with those of the headers that mean something here: `header` gives one's value.
    #[must_use]
    pub fn new(status: u16, header: impl Fn(&str) -> Option<String>, body: Option<Bytes>) -> Self {
        let date = header("Date").and_then(|it| moment(&it));
        let should_retry = header("Stripe-Should-Retry").and_then(|it| it.parse().ok());
        Self { status, date, should_retry, body }
    }
}

/// Reads the one form of dates that HTTP still sends (RFC 9110, 5.6.7).
fn moment(text: &str) -> Option<UnixSeconds> {
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    UnixSeconds::new(at.as_second())
}

/// Reads seconds, with a fraction as Discord sends it
/// (<https://discord.com/developers/docs/topics/rate-limits>). A date is nothing: it needs a clock.
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let begun = u32::from(fraction.bytes().any(|it| it != b'0'));
    Some(whole.parse().unwrap_or(u32::MAX).saturating_add(begun).max(1))
}

#[cfg(test)]
mod tests {
    use super::{Response, seconds};

    #[test]
    fn a_wait_is_rounded_up() {
        for (text, expected) in [
            ("7", Some(7)),
            (" 7 ", Some(7)),
            ("1.2", Some(2)),
            ("64.000", Some(64)),
            ("0.001", Some(1)),
            ("0", Some(1)),
            ("99999999999999999999", Some(u32::MAX)),
            ("4294967295.5", Some(u32::MAX)),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_seconds_is_nothing() {
        for text in ["", ".5", "-1", "1e3", "1,5", "1.2.3", "Sun, 22 Nov 2026 13:50:00 GMT"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_read_and_what_is_none_is_nothing() {
        let at = |date: &str| {
            Response::new(200, |name| (name == "Date").then(|| date.to_owned()), None).date
        };
        let seconds = |date: &str| at(date).map(|it| it.get());
        assert_eq!(seconds("Sun, 22 Nov 2026 13:50:00 GMT"), Some(1_795_355_400));
        assert_eq!(seconds("yesterday"), None);
    }

    #[test]
    fn only_true_and_false_say_whether_to_ask_again() {
        for (text, expected) in [("true", Some(true)), ("false", Some(false)), ("maybe", None)] {
            let header = |name: &str| (name == "Stripe-Should-Retry").then(|| text.to_owned());
            assert_eq!(Response::new(500, header, None).should_retry, expected, "{text}");
        }
    }
}
