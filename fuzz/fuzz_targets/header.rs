//! A header's line, then a body: `verify` never panics, and accepts only what was signed.
#![no_main]

use bytes::Bytes;
use donation_portal_fuzz::{NOW, contains, cut, filled, hex, now, receiver};
use libfuzzer_sys::fuzz_target;
use memchr::memmem;
use portal_domain::{SignatureRefusal, UnixSeconds, verify};

fuzz_target!(|data: &[u8]| {
    let (header, body) = cut(data, b'\n');
    let header = filled(header, body);
    let receiver = receiver();
    let (secrets, tolerance) = (&receiver.secrets, receiver.tolerance);
    match verify([header.as_slice()], Bytes::copy_from_slice(body), secrets, tolerance, now()) {
        Ok(verified) => {
            assert_eq!(verified.body(), body);
            assert!(is_signed(&header, body), "{}", header.escape_ascii());
        }
        Err(SignatureRefusal::TimestampOutsideTolerance { age_seconds }) => {
            assert!(age_seconds.abs() > tolerance.seconds());
        }
        Err(SignatureRefusal::NoHeader) => panic!("there is a header"),
        Err(
            SignatureRefusal::MalformedHeader
            | SignatureRefusal::NoMatch
            | SignatureRefusal::SelfTest,
        ) => {}
    }
});

/// Returns true if `header` has the right digits for one of the moments that are near enough.
fn is_signed(header: &[u8], body: &[u8]) -> bool {
    let header = header.to_ascii_lowercase();
    times(&header)
        .filter(|at| (NOW - 300..=NOW + 300).contains(&at.get()))
        .any(|at| contains(&header, format!("v1={}", hex(at, body)).as_bytes()))
}

/// Returns every number that stands behind a `t=`, wherever that is.
fn times(header: &[u8]) -> impl Iterator<Item = UnixSeconds> {
    memmem::find_iter(header, b"t=").filter_map(|at| {
        let behind = &header[at + 2..];
        let digits = behind.iter().take_while(|it| it.is_ascii_digit()).count();
        UnixSeconds::new(str::from_utf8(&behind[..digits]).ok()?.parse().ok()?)
    })
}
