//! The port to the host's HTTP client.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::fmt::rfc2822;
use portal_domain::{SlackError, UnixSeconds};

/// The deadline of a post outside tests: well within the lease of a notification
/// ([`portal_domain::notify::NOTIFICATION_LEASE`]), or it would be sent twice. The services answer
/// within a second.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes: a page of a hundred large invoices has about 1 MiB.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Posts and gets JSON. An implementation follows no redirect, because its target was not
/// configured.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Posts `body`, which is JSON, to `url`, which is a secret. An answer of any status is a
    /// [`PostResponse`].
    async fn post(&self, url: &str, body: &[u8]) -> Result<PostResponse, NoAnswer>;

    /// Gets `url` with `headers`, which hold a secret, within `deadline`, including the body. An
    /// answer of any status is a [`Response`]; only the body of a 200 is read.
    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Response, NoAnswer>;
}

/// The most bytes of the answer to a post that are read, and only where it is no success: Slack's error
/// words are shorter.
pub const ERROR_BYTES_MAX: usize = 64;

/// The answer to a post. Of its body nothing is kept but a word that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostResponse {
    pub status: u16,
    /// The pause that the service asked for, in seconds: rounded up, at least 1.
    pub retry_after: Option<u32>,
    /// Slack's word for its refusal.
    pub word: Option<SlackError>,
}

/// The answer to a get. It may hold personal data, so it has no `Debug` on purpose.
pub struct Response {
    pub status: u16,
    /// The header `Date`.
    pub date: Option<UnixSeconds>,
    /// The header `Stripe-Should-Retry`.
    pub should_retry: Option<bool>,
    /// The body of a 200; `None` if it is longer than [`ANSWER_BYTES_MAX`].
    pub body: Option<Bytes>,
}

/// The reason why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    TimedOut,
    /// The connection could not be made, broke off, or did not speak HTTP.
    Unreachable,
}

impl PostResponse {
    /// Returns an answer with `status` and the value of the header `Retry-After`, if any.
    #[must_use]
    pub fn new(status: u16, retry_after: Option<&str>) -> Self {
        Self { status, retry_after: retry_after.and_then(seconds), word: None }
    }

    /// Reads the word in `body`, which is that of an answer that is no success.
    #[must_use]
    pub fn with_error(self, body: &[u8]) -> Self {
        Self { word: SlackError::from_body(body), ..self }
    }
}

impl Response {
    /// Returns a response with the headers that matter here; `header` returns the value of one.
    #[must_use]
    pub fn new(status: u16, header: impl Fn(&str) -> Option<String>, body: Option<Bytes>) -> Self {
        let date = header("Date").and_then(|it| moment(&it));
        let should_retry = header("Stripe-Should-Retry").and_then(|it| it.parse().ok());
        Self { status, date, should_retry, body }
    }
}

/// Reads the one format of dates that HTTP still sends (RFC 9110, 5.6.7).
fn moment(text: &str) -> Option<UnixSeconds> {
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    UnixSeconds::new(at.as_second())
}

/// Reads seconds, with a fraction as Discord sends it
/// (<https://discord.com/developers/docs/topics/rate-limits>). A date is ignored, because it would
/// need a clock.
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
    fn a_text_that_is_no_number_of_seconds_is_ignored() {
        for text in ["", ".5", "-1", "1e3", "1,5", "1.2.3", "Sun, 22 Nov 2026 13:50:00 GMT"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_read_and_any_other_text_is_ignored() {
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
