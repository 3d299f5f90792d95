//! Requests: those of Stripe to send, and those that a stand-in received.

use super::message::{self, header};
use crate::Result;

/// The path that Stripe posts to.
pub const WEBHOOK: &str = "/api/webhooks/stripe";

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the request at the beginning of `bytes` with its length, or `None` while it is
    /// incomplete.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>> {
        let announced = |head: &str| {
            ["content-length", "transfer-encoding"].iter().any(|it| header(head, it).is_some())
        };
        let parsed = message::parse(bytes, announced)?;
        Ok(parsed.map(|it| (Self { head: it.head, body: it.body }, it.length)))
    }

    /// Returns the method and the path with its query.
    #[must_use]
    pub fn target(&self) -> (&str, &str) {
        let mut words = self.head.split_whitespace();
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// Returns the value of a header that occurs exactly once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// Returns the bytes of a delivery with this signature.
#[must_use]
pub fn delivery(body: impl AsRef<[u8]>, signature: &str) -> Vec<u8> {
    let body = body.as_ref();
    [delivery_head(body.len(), signature).as_bytes(), body].concat()
}

/// Returns the head of a delivery with a body of `length` bytes, as Stripe sends it.
#[must_use]
pub fn delivery_head(length: usize, signature: &str) -> String {
    format!(
        "POST {WEBHOOK} HTTP/1.1\r\n\
         Host: portal.example.org\r\n\
         User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n\
         Accept: */*; q=0.5, application/xml\r\n\
         Cache-Control: no-cache\r\n\
         Content-Type: application/json; charset=utf-8\r\n\
         Content-Length: {length}\r\n\
         Stripe-Signature: {signature}\r\n\r\n"
    )
}

/// Returns the bytes of a request without a body.
#[must_use]
pub fn bare(method: &str, path: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: portal.example.org\r\n\r\n")
}
