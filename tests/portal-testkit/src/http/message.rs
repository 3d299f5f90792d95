//! The form that requests and answers share: a head, and a body of a known length or in chunks.

use std::str::from_utf8;

use crate::Result;

/// The end of a head.
const BLANK: &[u8] = b"\r\n\r\n";

/// A whole message at the beginning of some bytes.
pub(super) struct Message {
    /// The first line and the headers.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// The number of its bytes.
    pub(super) length: usize,
}

/// Returns the message at the beginning of `bytes`, or `None` while it is incomplete. Where
/// `may_have_body` refuses its head, it ends there.
pub(super) fn parse(bytes: &[u8], may_have_body: impl Fn(&str) -> bool) -> Result<Option<Message>> {
    let Some(end) = bytes.windows(BLANK.len()).position(|it| it == BLANK) else { return Ok(None) };
    let (head, rest) = (&bytes[..end], &bytes[end + BLANK.len()..]);
    let head = from_utf8(head)?.to_owned();
    let read = if !may_have_body(&head) {
        Some((Vec::new(), 0))
    } else if header(&head, "transfer-encoding") == Some("chunked") {
        unchunked(rest)?
    } else {
        let length = header(&head, "content-length").ok_or("no Content-Length")?.parse()?;
        rest.get(..length).map(|body| (body.to_vec(), length))
    };
    Ok(read.map(|(body, length)| Message { head, body, length: end + BLANK.len() + length }))
}

/// Returns the value of a header that occurs exactly once.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let headers = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut values = headers.filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, it)| it);
    let first = values.next()?;
    values.next().is_none().then_some(first.trim())
}

/// Returns the content of all chunks and the number of their bytes, or `None` while one is missing.
fn unchunked(chunks: &[u8]) -> Result<Option<(Vec<u8>, usize)>> {
    let (mut content, mut at) = (Vec::new(), 0);
    loop {
        let rest = &chunks[at..];
        let Some(end) = rest.windows(2).position(|it| it == b"\r\n") else { return Ok(None) };
        let size = usize::from_str_radix(from_utf8(&rest[..end])?, 16)?;
        let (from, next) = (end + 2, end + 2 + size + 2);
        if rest.len() < next {
            return Ok(None);
        }
        content.extend_from_slice(&rest[from..from + size]);
        at += next;
        if size == 0 {
            return Ok(Some((content, at)));
        }
    }
}
