//! A minimal HTTP/1.1 client for tests in which the exact bytes matter.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::Result;
use super::clock::Stopwatch;

/// The path that Stripe posts to.
pub(crate) const WEBHOOK: &str = "/api/webhooks/stripe";

/// The time after which a server without an answer counts as hanging: longer than its own ten
/// seconds for a slow sender.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// An answer of the server.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The status line and the headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns `error.code` of the body.
    pub(crate) fn error_code(&self) -> Result<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body)?;
        let code = body.pointer("/error/code").and_then(|it| it.as_str());
        Ok(code.ok_or("no error code in the body")?.to_owned())
    }
}

/// Asserts that a delivery was answered 503.
#[track_caller]
pub(crate) fn assert_unavailable(answer: &Answer) -> Result {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.error_code()?, "unavailable");
    let seconds = answer.header("retry-after").map(str::parse::<u32>);
    assert!(matches!(seconds, Some(Ok(1..=60))), "{answer:?}");
    Ok(())
}

/// A connection to the server.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(ANSWER_LIMIT))?;
        let read = Vec::new();
        Ok(Self { stream, read })
    }

    /// Returns the same connection, to send on while another thread waits for an answer.
    pub(crate) fn twin(&self) -> Result<Self> {
        let stream = self.stream.try_clone()?;
        let read = Vec::new();
        Ok(Self { stream, read })
    }

    /// Sends `bytes`, which need not be a request.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result {
        Ok(self.stream.write_all(bytes.as_ref())?)
    }

    /// Shuts down the sending side.
    pub(crate) fn end(&self) -> Result {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// Waits for the next answer; returns `None` if the connection is closed instead.
    pub(crate) fn answer(&mut self) -> Result<Option<Answer>> {
        self.answer_within(ANSWER_LIMIT)
    }

    pub(crate) fn answer_within(&mut self, limit: Duration) -> Result<Option<Answer>> {
        self.read_answer(limit, true)
    }

    /// Waits for the answer to a HEAD request, which has no body.
    pub(crate) fn answer_without_body(&mut self) -> Result<Option<Answer>> {
        self.read_answer(ANSWER_LIMIT, false)
    }

    /// Waits until the server closes the connection, and fails if it sends anything before.
    pub(crate) fn closed_within(&mut self, limit: Duration) -> Result {
        match self.answer_within(limit)? {
            None => Ok(()),
            Some(answer) => Err(format!("not closed, but answered: {}", answer.head).into()),
        }
    }

    fn read_answer(&mut self, limit: Duration, with_body: bool) -> Result<Option<Answer>> {
        let watch = Stopwatch::start();
        loop {
            if let Some((answer, length)) = parse(&self.read, with_body)? {
                self.read.drain(..length);
                return Ok(Some(answer));
            }
            let left = limit.saturating_sub(watch.elapsed());
            if left.is_zero() {
                return Err(format!("no answer within {} ms", limit.as_millis()).into());
            }
            self.stream.set_read_timeout(Some(left))?;
            let mut some = [0; 4096];
            match self.stream.read(&mut some) {
                Ok(0) if self.read.is_empty() => return Ok(None),
                Ok(0) => return Err("closed in the middle of an answer".into()),
                Ok(length) => self.read.extend_from_slice(some.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error) if is_timeout(error.kind()) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Returns the answer at the beginning of `bytes` with its length, or `None` while it is incomplete.
fn parse(bytes: &[u8], with_body: bool) -> Result<Option<(Answer, usize)>> {
    const BLANK: &[u8] = b"\r\n\r\n";
    let Some(end) = bytes.windows(BLANK.len()).position(|it| it == BLANK) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let status = head.split(' ').nth(1).ok_or("no status line")?.parse()?;
    let mut answer = Answer { status, head: head.to_owned(), body: String::new() };
    let mut length = end + BLANK.len();
    // 100 Continue has no body, and is not the final answer.
    if with_body && status != 100 {
        let announced = answer.header("content-length");
        let body: usize = announced.ok_or("no Content-Length")?.parse()?;
        let Some(body) = bytes.get(length..length + body) else {
            return Ok(None);
        };
        length += body.len();
        answer.body = String::from_utf8(body.to_vec())?;
    }
    Ok(Some((answer, length)))
}

/// Returns the request of a delivery with this signature.
pub(crate) fn delivery(body: impl AsRef<[u8]>, signature: &str) -> Vec<u8> {
    let body = body.as_ref();
    let mut request = delivery_head(body.len(), signature).into_bytes();
    request.extend_from_slice(body);
    request
}

/// Returns the head of a delivery with a body of `length` bytes.
pub(crate) fn delivery_head(length: usize, signature: &str) -> String {
    format!(
        "POST {WEBHOOK} HTTP/1.1\r\n\
         Host: portal.example.org\r\n\
         Content-Type: application/json; charset=utf-8\r\n\
         Content-Length: {length}\r\n\
         Stripe-Signature: {signature}\r\n\r\n"
    )
}

/// Returns a request without a body.
pub(crate) fn request(method: &str, path: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: portal.example.org\r\n\r\n")
}
