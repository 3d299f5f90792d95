//! The answer of a server.

use serde_json::Value;

use super::message::{self, header};
use crate::Result;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Returns the answer at the beginning of `bytes` with its length, or `None` while it is
    /// incomplete.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>> {
        Self::parse_to(bytes, true)
    }

    /// Like [`Answer::parse`], of a request whose answer has no body if `has_body` is false.
    pub(super) fn parse_to(bytes: &[u8], has_body: bool) -> Result<Option<(Self, usize)>> {
        // 100 Continue has no body, and is not the final answer.
        let bodiless = |head: &str| matches!(status(head), Some(100..=199 | 204 | 304));
        let Some(it) = message::parse(bytes, |head| has_body && !bodiless(head))? else {
            return Ok(None);
        };
        let status = status(&it.head).ok_or("no status line")?;
        Ok(Some((Self { status, head: it.head, body: String::from_utf8(it.body)? }, it.length)))
    }

    /// Returns the value of a header that occurs exactly once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// Returns the body, which is JSON.
    ///
    /// # Errors
    /// If it is not.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// Returns everything that the caller reads.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\r\n\r\n{}", self.head, self.body)
    }
}

fn status(head: &str) -> Option<u16> {
    head.split(' ').nth(1)?.trim_end().get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Answer;

    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\ncontent-length: 2\r\n\r\nno";

    #[test]
    fn an_answer_is_read() {
        let (answer, length) = Answer::parse(&[ANSWER, b"HTTP"].concat()).unwrap().unwrap();
        assert_eq!((answer.status, answer.body.as_str(), length), (503, "no", ANSWER.len()));
        assert_eq!(answer.header("retry-after"), Some("5"));
    }

    const IN_CHUNKS: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\nA\r\nl is well.\r\n0\r\n\r\n";

    #[test]
    fn an_answer_in_chunks_is_read() {
        let (answer, length) = Answer::parse(IN_CHUNKS).unwrap().unwrap();
        assert_eq!((answer.body.as_str(), length), ("all is well.", IN_CHUNKS.len()));
    }

    #[test]
    fn half_an_answer_is_none() {
        for whole in [ANSWER, IN_CHUNKS] {
            let half = &whole[..whole.len() - 1];
            assert!(Answer::parse(half).unwrap().is_none());
        }
    }

    #[test]
    fn a_header_that_occurs_twice_has_no_value() {
        let twice = b"HTTP/1.1 204 No Content\r\nAllow: GET\r\nallow: POST\r\n\r\n";
        let (answer, _) = Answer::parse(twice).unwrap().unwrap();
        assert_eq!(answer.header("allow"), None);
    }
}
