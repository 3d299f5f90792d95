//! Parts that the targets share: one secret, one moment, and headers that can be right.

use memchr::memmem;
use portal_domain::{Receiver, Secrets, Tolerance, UnixSeconds, sign};

/// 2026-11-22T13:50:00Z, in a header `{now}`.
pub const NOW: i64 = 1_795_355_400;

/// The moment of all deliveries.
pub fn now() -> UnixSeconds {
    UnixSeconds::new(NOW).expect("a moment")
}

/// A receiver with one secret.
pub fn receiver() -> Receiver {
    Receiver {
        secrets: Secrets::new("whsec_fuzz").expect("a secret"),
        tolerance: Tolerance::DEFAULT,
    }
}

/// The header with which Stripe would send `body` at `at`.
pub fn signature(at: UnixSeconds, body: &[u8]) -> String {
    let receiver = receiver();
    let secret = receiver.secrets.iter().next().expect("one secret");
    sign(secret, at, body)
}

/// The 64 hex digits in [`signature`].
pub fn hex(at: UnixSeconds, body: &[u8]) -> String {
    let header = signature(at, body);
    header.split_once("v1=").expect("a signature").1.to_owned()
}

/// Cuts `data` at its first `separator`.
pub fn cut(data: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match data.iter().position(|&byte| byte == separator) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, b""),
    }
}

/// Fills `{now}` and `{signature}` in a header, so that the fuzzer, which cannot guess a
/// signature, comes past it. What is signed is the header's first time.
pub fn filled(header: &[u8], body: &[u8]) -> Vec<u8> {
    let header = replaced(header, b"{now}", NOW.to_string().as_bytes());
    if contains(&header, b"{signature}") {
        let at = first_time(&header).unwrap_or_else(now);
        replaced(&header, b"{signature}", hex(at, body).as_bytes())
    } else {
        header
    }
}

fn first_time(header: &[u8]) -> Option<UnixSeconds> {
    let element = header.split(|&byte| byte == b',').find(|element| element.starts_with(b"t="))?;
    UnixSeconds::new(std::str::from_utf8(&element[2..]).ok()?.parse().ok()?)
}

/// Returns true if `whole` contains `part`.
pub fn contains(whole: &[u8], part: &[u8]) -> bool {
    memmem::find(whole, part).is_some()
}

fn replaced(whole: &[u8], part: &[u8], by: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(whole.len());
    let mut from = 0;
    for at in memmem::find_iter(whole, part) {
        replaced.extend_from_slice(&whole[from..at]);
        replaced.extend_from_slice(by);
        from = at + part.len();
    }
    replaced.extend_from_slice(&whole[from..]);
    replaced
}
