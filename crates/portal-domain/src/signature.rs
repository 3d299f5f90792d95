//! Verification of `Stripe-Signature`: the sender and the time of a body.
//!
//! The rules are stricter than those of Stripe's libraries where these differ from each other;
//! every header that Stripe sends passes. Source: <https://docs.stripe.com/webhooks>, "Verify
//! webhook signatures manually".

use std::fmt;

use bytes::Bytes;
use hmac::Mac as _;
use strum::{IntoStaticStr, VariantNames};
use subtle::{Choice, ConstantTimeEq as _};

use crate::secret::{SECRETS_MAX, Secret, Secrets};
use crate::time::UnixSeconds;

/// The longest accepted header, in bytes. Stripe's has about 80 for each active secret.
pub const HEADER_BYTES_MAX: usize = 4 * 1024;

/// The most `v1` signatures that are compared. Stripe sends one for each active secret of an
/// endpoint.
pub const SIGNATURES_MAX: usize = 16;

/// A body that Stripe has provably signed, within the tolerance.
///
/// Only [`verify`] makes one, so a function that takes it cannot be reached by unverified bytes. It
/// has no `Debug`, because the body holds personal data.
pub struct Verified {
    body: Bytes,
    matched: MatchedSecrets,
}

/// The secrets that a delivery was signed with, by their places in the configuration: a bit for each. While
/// a secret is rotated Stripe signs with the old one and the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedSecrets(u8);

const _: () = assert!(SECRETS_MAX == u8::BITS as usize);

/// The largest accepted distance between a signature's time and now, before or after: 1 to 3600
/// seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance(i64);

/// The reason why a delivery's signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum SignatureRefusal {
    NoHeader,
    /// The header does not follow the grammar, is too long, or came more than once.
    MalformedHeader,
    /// No signature in the header was made with a configured secret over these bytes.
    NoMatch,
    /// The same, but whoever made the header proves to have a secret: `doctor` tests whether a forged
    /// delivery is refused ([`sign_self_test`]).
    SelfTest,
    /// The signature is right, but too far from now: a replay, or one of the clocks is wrong.
    TimestampOutsideTolerance {
        /// In seconds; negative if the signature is from the future.
        age_seconds: i64,
    },
}

/// Proves that `body` was signed with one of `secrets`, at most `tolerance` away from `now`.
///
/// `headers` are the values of all `Stripe-Signature` headers of the request.
///
/// # Errors
/// The first [`SignatureRefusal`] in the order of its variants. The time is checked after the
/// signature, so that a stranger learns nothing about this clock.
pub fn verify<'h>(
    headers: impl IntoIterator<Item = &'h [u8]>,
    body: Bytes,
    secrets: &Secrets,
    tolerance: Tolerance,
    now: UnixSeconds,
) -> Result<Verified, SignatureRefusal> {
    let header = the_only(headers)?;
    let signed = Header::parse(header).ok_or(SignatureRefusal::MalformedHeader)?;
    let age_seconds = now.get().saturating_sub(signed.timestamp);
    let is_recent = age_seconds.abs() <= tolerance.0;
    let matched = signed.matched(&body, secrets);
    if matched == MatchedSecrets::NONE {
        let is_self_test = is_recent && signed.is_self_test(&body, secrets);
        return Err(if is_self_test {
            SignatureRefusal::SelfTest
        } else {
            SignatureRefusal::NoMatch
        });
    }
    if !is_recent {
        return Err(SignatureRefusal::TimestampOutsideTolerance { age_seconds });
    }
    Ok(Verified { body, matched })
}

/// Signs `body` as Stripe does at `timestamp`. Returns the value of a `Stripe-Signature` header.
#[must_use]
pub fn sign(secret: &Secret, timestamp: UnixSeconds, body: &[u8]) -> String {
    let timestamp = timestamp.get().to_string();
    let signature = signature(secret, timestamp.as_bytes(), body);
    format!("t={timestamp},v1={}", hex::encode(signature))
}

/// Signs `body` with `forger`, which no server has, and proves that `secret` is known.
///
/// The delivery is refused, and not counted as forged: a stranger cannot make the proof, and a captured
/// one holds for the same bytes and until the tolerance is over.
#[must_use]
pub fn sign_self_test(
    forger: &Secret,
    secret: &Secret,
    timestamp: UnixSeconds,
    body: &[u8],
) -> String {
    let proof = self_test_proof(secret, timestamp.get().to_string().as_bytes(), body);
    format!("{},{SELF_TEST}={}", sign(forger, timestamp, body), hex::encode(proof))
}

impl Verified {
    /// Returns the verified bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the secrets that it was signed with.
    #[must_use]
    pub fn matched(&self) -> MatchedSecrets {
        self.matched
    }
}

impl MatchedSecrets {
    const NONE: Self = Self(0);

    /// The number of different values.
    pub const VALUES: usize = 1 << SECRETS_MAX;

    /// Returns the value with that number, which is below [`MatchedSecrets::VALUES`].
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self(number)
    }

    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// True if the secret at that place is one of them.
    #[must_use]
    pub fn has(self, place: usize) -> bool {
        place < SECRETS_MAX && self.0 >> place & 1 == 1
    }
}

impl Tolerance {
    /// Five minutes, the default of Stripe's libraries.
    pub const DEFAULT: Self = Self(300);

    /// Returns a tolerance of `seconds`; `None` outside 1 to 3600. Zero does not switch the check
    /// off.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (1..=3600).contains(&seconds).then_some(Self(seconds))
    }

    /// Returns the tolerance in seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Rates the distance between two clocks. One of them is wrong by at least half of it, and
    /// beyond the tolerance current signatures are refused.
    #[must_use]
    pub fn judge_clocks(self, apart_seconds: i64) -> ClocksApart {
        let apart = apart_seconds.saturating_abs();
        // Two clocks in whole seconds are one apart without any error.
        if apart <= 1 || apart <= self.0 / 10 {
            ClocksApart::Little
        } else if apart <= self.0 / 2 {
            ClocksApart::Much
        } else {
            ClocksApart::TooMuch
        }
    }
}

/// The distance between two clocks, relative to the tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClocksApart {
    /// At most a tenth of the tolerance.
    Little,
    /// More than a tenth, which deserves a warning.
    Much,
    /// More than half of the tolerance.
    TooMuch,
}

named!(SignatureRefusal);

impl SignatureRefusal {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;
}

impl fmt::Display for SignatureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader => f.write_str("the Stripe-Signature header is missing"),
            Self::MalformedHeader => f.write_str("the Stripe-Signature header is malformed"),
            Self::NoMatch | Self::SelfTest => f.write_str("the signature matches no secret"),
            Self::TimestampOutsideTolerance { .. } => {
                f.write_str("the signature's timestamp is outside the tolerance")
            }
        }
    }
}

impl std::error::Error for SignatureRefusal {}

fn the_only<'h>(headers: impl IntoIterator<Item = &'h [u8]>) -> Result<&'h [u8], SignatureRefusal> {
    let mut headers = headers.into_iter();
    let first = headers.next().ok_or(SignatureRefusal::NoHeader)?;
    match headers.next() {
        None => Ok(first),
        Some(_) => Err(SignatureRefusal::MalformedHeader),
    }
}

/// A header that follows the grammar.
struct Header<'h> {
    /// `t` as it was sent: these bytes were signed, not a reformatted number.
    timestamp_text: &'h [u8],
    timestamp: i64,
    candidates: Vec<[u8; 32]>,
    self_test: Option<[u8; 32]>,
}

/// The key of the proof in a header. Stripe's own are `t`, `v1` and `v0`.
const SELF_TEST: &str = "self_test";

impl<'h> Header<'h> {
    fn parse(header: &'h [u8]) -> Option<Self> {
        if header.len() > HEADER_BYTES_MAX {
            return None;
        }
        let mut timestamp_text = None;
        let mut candidates = Vec::with_capacity(2);
        let mut self_test = None;
        for element in header.split(|&byte| byte == b',') {
            let element = trim(element);
            let Some(equals) = element.iter().position(|&byte| byte == b'=') else {
                continue;
            };
            let (key, value) = element.split_at(equals);
            let value = value.get(1..)?;
            match key {
                b"t" if timestamp_text.is_some() => return None,
                b"t" => timestamp_text = Some(value),
                b"v1" if candidates.len() < SIGNATURES_MAX => {
                    candidates.extend(read_signature(value));
                }
                _ if key == SELF_TEST.as_bytes() => self_test = read_signature(value),
                _ => {}
            }
        }
        let timestamp_text = timestamp_text?;
        let timestamp = read_timestamp(timestamp_text)?;
        let header = Self { timestamp_text, timestamp, candidates, self_test };
        (!header.candidates.is_empty()).then_some(header)
    }

    fn matched(&self, body: &[u8], secrets: &Secrets) -> MatchedSecrets {
        // No early exit: the time taken does not tell which secret or candidate was right.
        let mut matched = 0;
        for (secret, place) in secrets.iter().zip(0..u8::BITS) {
            let expected = signature(secret, self.timestamp_text, body);
            let mut fits = Choice::from(0);
            for candidate in &self.candidates {
                fits |= candidate.ct_eq(&expected);
            }
            matched |= fits.unwrap_u8() << place;
        }
        MatchedSecrets(matched)
    }

    fn is_self_test(&self, body: &[u8], secrets: &Secrets) -> bool {
        let Some(proof) = &self.self_test else { return false };
        let mut matched = Choice::from(0);
        for secret in secrets.iter() {
            matched |= proof.ct_eq(&self_test_proof(secret, self.timestamp_text, body));
        }
        matched.into()
    }
}

/// The proof begins with a letter and a signature with a digit of its timestamp, so that neither can be
/// used as the other.
fn self_test_proof(secret: &Secret, timestamp: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = secret.keyed.clone();
    mac.update(SELF_TEST.as_bytes());
    mac.update(b".");
    mac.update(timestamp);
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn signature(secret: &Secret, timestamp: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = secret.keyed.clone();
    mac.update(timestamp);
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

/// `^[1-9][0-9]{0,11}$`: no sign, no leading zero, and no milliseconds.
fn read_timestamp(text: &[u8]) -> Option<i64> {
    let plain = matches!(text, [b'1'..=b'9', rest @ ..] if rest.len() <= 11 && rest.iter().all(u8::is_ascii_digit));
    if !plain {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// 64 hex digits of either case.
fn read_signature(text: &[u8]) -> Option<[u8; 32]> {
    let mut signature = [0; 32];
    hex::decode_to_slice(text, &mut signature).ok().map(|()| signature)
}

#[cfg(test)]
mod tests {
    use super::{ClocksApart, Tolerance};

    #[test]
    fn clocks_are_apart_by_a_share_of_the_tolerance_either_way() {
        use ClocksApart::{Little, Much, TooMuch};
        for (tolerance, apart, judged) in [
            (300, 0, Little),
            (300, 30, Little),
            (300, 31, Much),
            (300, 150, Much),
            (300, 151, TooMuch),
            (3600, 360, Little),
            (3600, 1800, Much),
            (3600, i64::MAX, TooMuch),
        ] {
            let tolerance = Tolerance::from_seconds(tolerance).unwrap();
            assert_eq!(tolerance.judge_clocks(apart), judged, "{apart}");
            assert_eq!(tolerance.judge_clocks(-apart), judged, "-{apart}");
        }
    }

    #[test]
    fn clocks_in_whole_seconds_may_be_one_apart_whatever_the_tolerance() {
        let narrowest = Tolerance::from_seconds(1).unwrap();
        let judged = [-2, -1, 1, 2].map(|apart| narrowest.judge_clocks(apart));
        let (near, far) = (ClocksApart::Little, ClocksApart::TooMuch);
        assert_eq!(judged, [far, near, near, far]);
    }
}
