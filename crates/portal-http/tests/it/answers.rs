//! The exact bytes of answers.

mod health;
mod methods;
mod privacy;
mod refusals;
mod sizes;
mod unconfigured;
mod webhook;

use http::HeaderMap;
use portal_testkit::bad_bodies;

use crate::support::Answer;

/// Formats an answer: status, headers sorted by name, an empty line, body.
fn formatted(answer: &Answer) -> String {
    format!("{}\n{}\n\n{}", answer.status().as_u16(), lines(answer.headers(), "\n"), answer.body())
}

/// Returns a line for each header, sorted by name.
pub(crate) fn lines(headers: &HeaderMap, line_end: &str) -> String {
    let mut lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.as_bytes().escape_ascii()))
        .collect();
    lines.sort();
    lines.join(line_end)
}

/// Returns the form of a JSON answer, as [`formatted`] writes it; `extra` are additional headers.
fn json(status: u16, extra: &[&str], body: &str) -> String {
    whole(status, "application/json", extra, body)
}

/// Returns the form of a text answer, as [`formatted`] writes it.
fn text(status: u16, body: &str) -> String {
    whole(status, "text/plain; charset=utf-8", &[], body)
}

fn whole(status: u16, content_type: &str, extra: &[&str], body: &str) -> String {
    let length = format!("content-length: {}", body.len());
    let content_type = format!("content-type: {content_type}");
    let mut headers = vec!["cache-control: no-store", &content_type, &length];
    headers.extend(extra);
    headers.sort_unstable();
    format!("{status}\n{}\n\n{body}", headers.join("\n"))
}
