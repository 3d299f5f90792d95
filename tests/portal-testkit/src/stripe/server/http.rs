//! The part of HTTP/1.1 that clients of the API use.

use std::io::{self, BufRead, Read as _, Write};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Request;
use crate::stripe::delivery::body;
use crate::stripe::time::date;

/// The largest request with its body, in bytes.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// An answer; the other headers are the same for all.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body }
    }
}

/// Reads the next request; true if the client wants to close afterwards. `None` if it has closed.
pub(super) fn read(reader: &mut impl BufRead, key: &str) -> io::Result<Option<(Request, bool)>> {
    let mut reader = reader.take(REQUEST_BYTES_MAX);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: decoded(path),
        query: query.split('&').filter(|it| !it.is_empty()).map(parameter).collect(),
        authorized: false,
        version: None,
        context: None,
    };
    let (mut closes, mut body_bytes) = (false, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "authorization" => request.authorized = value.strip_prefix("Bearer ") == Some(key),
            "stripe-version" => request.version = Some(value.to_owned()),
            "stripe-context" => request.context = Some(value.to_owned()),
            "connection" => closes = value.eq_ignore_ascii_case("close"),
            "content-length" => body_bytes = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    io::copy(&mut reader.take(body_bytes), &mut io::sink())?;
    Ok(Some((request, closes)))
}

pub(super) fn write(writer: &mut impl Write, answer: &Answer, now: i64) -> io::Result<()> {
    let body = body(&answer.body);
    let mut head = vec![
        format!("HTTP/1.1 {} Status", answer.status),
        format!("Date: {}", date(now)),
        "Content-Type: application/json".to_owned(),
        format!("Content-Length: {}", body.len()),
    ];
    head.extend(answer.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    let mut message = head.join("\r\n").into_bytes();
    message.extend_from_slice(b"\r\n\r\n");
    message.extend_from_slice(&body);
    writer.write_all(&message)
}

/// `types[0]=a%2Eb` is the same as `types[]=a.b`.
fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let name = decoded(name);
    let name = match name.split_once('[') {
        Some((list, index))
            if index.trim_end_matches(']').bytes().all(|it| it.is_ascii_digit()) =>
        {
            format!("{list}[]")
        }
        _ => name,
    };
    (name, decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
