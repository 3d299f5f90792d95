//! What a host lends: a way to post, and what came back.

use std::time::Duration;

use async_trait::async_trait;

/// How long a request may take in all, in earnest: well within the lease of a notice
/// ([`portal_domain::tell::NOTICE_LEASE`]), or it would be told twice. The services answer within a
/// second.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Posts JSON. Whoever implements it follows no redirect: what an address leads on to is not what
/// was configured.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Posts `body`, which is JSON, to `url`, which is a secret. An answer with any status is an
    /// [`Answer`].
    async fn post(&self, url: &str, body: &[u8]) -> Result<Answer, NoAnswer>;
}

/// What was answered. Nobody reads the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// For how many seconds to wait, where it was said: rounded up, one at least.
    pub retry_after: Option<u32>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// It took too long.
    TimedOut,
    /// There was no connection, it broke off, or it did not speak HTTP.
    Unreachable,
}

impl Answer {
    /// An answer with `status` and, where there was one, the header `Retry-After`.
    #[must_use]
    pub fn new(status: u16, retry_after: Option<&str>) -> Self {
        Self { status, retry_after: retry_after.and_then(seconds) }
    }
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
    use super::seconds;

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
}
