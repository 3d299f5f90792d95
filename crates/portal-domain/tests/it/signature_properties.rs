//! Properties of every signature, over arbitrary bytes.

use bytes::Bytes;
use portal_domain::{Secrets, SignatureRefusal, Tolerance, UnixSeconds, sign, verify};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

const NOW: i64 = 1_760_000_000;
/// The position of the digits in `t=1760000000,v1=…`.
const TIME: std::ops::Range<usize> = 2..12;
const HEX: std::ops::Range<usize> = 16..80;

/// A body and its header.
struct Delivery {
    secrets: Secrets,
    header: Vec<u8>,
    body: Vec<u8>,
}

impl Delivery {
    fn signed(body: Vec<u8>) -> Result<Self, TestCaseError> {
        Self::signed_by("whsec_test_secret", NOW, body)
    }

    fn signed_by(secret: &str, at: i64, body: Vec<u8>) -> Result<Self, TestCaseError> {
        let failed = |what: &str| TestCaseError::fail(what.to_owned());
        let secrets = Secrets::new(secret).map_err(|error| failed(&error.to_string()))?;
        let at = UnixSeconds::new(at).ok_or_else(|| failed("no such moment"))?;
        let secret = secrets.iter().next().ok_or_else(|| failed("no secret"))?;
        let header = sign(secret, at, &body).into_bytes();
        Ok(Self { secrets, header, body })
    }

    fn answer(&self) -> Result<(), SignatureRefusal> {
        let now = UnixSeconds::new(NOW).unwrap_or_default();
        let body = Bytes::copy_from_slice(&self.body);
        let verified =
            verify([self.header.as_slice()], body, &self.secrets, Tolerance::DEFAULT, now)?;
        assert_eq!(verified.body(), self.body);
        Ok(())
    }
}

/// Generates one or more bytes.
fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..200)
}

/// Replaces one of `bytes`; false if the new one stands for the same hex digit.
fn change(bytes: &mut [u8], place: Index, to: u8) -> bool {
    let byte = place.get_mut(bytes);
    let same = byte.eq_ignore_ascii_case(&to);
    *byte = to;
    !same
}

/// Generates an element of a header without meaning: no `t`, no `v1`, perhaps no `=`.
fn unknown_element() -> impl Strategy<Value = String> {
    "[ \t]{0,2}([a-su-zA-Z]{1,3}[0-9]{0,2}(=[!-+\\--~]{0,6})?)?[ \t]{0,2}"
        .prop_filter("v1 has something to say", |element| !element.trim().starts_with("v1="))
}

proptest! {
    #[test]
    fn a_recent_signature_is_accepted(
        secret in "[!-+\\--~]{1,100}",
        age in -300..=300_i64,
        body in vec(any::<u8>(), 0..200),
    ) {
        let delivery = Delivery::signed_by(&secret, NOW - age, body)?;
        prop_assert_eq!(delivery.answer(), Ok(()));
    }

    #[test]
    fn a_signature_outside_the_tolerance_is_refused(
        age in 301..NOW,
        ahead in any::<bool>(),
        body in some_bytes(),
    ) {
        let age_seconds = if ahead { -age } else { age };
        let delivery = Delivery::signed_by("whsec_test_secret", NOW - age_seconds, body)?;
        let refusal = SignatureRefusal::TimestampOutsideTolerance { age_seconds };
        prop_assert_eq!(delivery.answer(), Err(refusal));
    }

    #[test]
    fn a_changed_byte_of_the_body_is_noticed(
        body in some_bytes(),
        place in any::<Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut delivery = Delivery::signed(body)?;
        *place.get_mut(&mut delivery.body) ^= flip;
        prop_assert_eq!(delivery.answer(), Err(SignatureRefusal::NoMatch));
    }

    #[test]
    fn a_changed_byte_of_the_time_is_noticed(
        body in some_bytes(),
        place in any::<Index>(),
        to in any::<u8>(),
    ) {
        let mut delivery = Delivery::signed(body)?;
        if change(&mut delivery.header[TIME], place, to) {
            prop_assert!(delivery.answer().is_err());
        }
    }

    #[test]
    fn another_digit_in_the_time_matches_nothing(
        body in some_bytes(),
        place in any::<Index>(),
        to in b'1'..=b'9',
    ) {
        let mut delivery = Delivery::signed(body)?;
        if change(&mut delivery.header[TIME], place, to) {
            prop_assert_eq!(delivery.answer(), Err(SignatureRefusal::NoMatch));
        }
    }

    #[test]
    fn a_changed_byte_of_the_signature_is_noticed(
        body in some_bytes(),
        place in any::<Index>(),
        to in any::<u8>(),
    ) {
        let mut delivery = Delivery::signed(body)?;
        if change(&mut delivery.header[HEX], place, to) {
            prop_assert!(delivery.answer().is_err());
        }
    }

    #[test]
    fn another_digit_in_the_signature_matches_nothing(
        body in some_bytes(),
        place in any::<Index>(),
        to in "[0-9a-fA-F]",
    ) {
        let mut delivery = Delivery::signed(body)?;
        let to = to.bytes().next().unwrap_or_default();
        if change(&mut delivery.header[HEX], place, to) {
            prop_assert_eq!(delivery.answer(), Err(SignatureRefusal::NoMatch));
        }
    }

    #[test]
    fn any_bytes_for_a_header_are_refused(
        header in vec(any::<u8>(), 0..200),
        body in vec(any::<u8>(), 0..200),
    ) {
        let delivery = Delivery { header, ..Delivery::signed(body)? };
        prop_assert!(delivery.answer().is_err());
    }

    #[test]
    fn a_forged_header_is_refused(
        header in "(t=17600000[0-9]{2}|v1=[0-9a-f]{64}|[tv1=, 0-9a-f]{0,9})(,(t=17600000[0-9]{2}|v1=[0-9a-f]{64}|v0=[0-9a-f]{64}|[tv1=, 0-9a-f]{0,9})){0,4}",
        body in vec(any::<u8>(), 0..200),
    ) {
        let delivery = Delivery { header: header.into_bytes(), ..Delivery::signed(body)? };
        prop_assert!(delivery.answer().is_err());
    }

    #[test]
    fn elements_that_say_nothing_change_nothing(
        body in some_bytes(),
        before in vec(unknown_element(), 0..4),
        between in vec(unknown_element(), 0..4),
        after in vec(unknown_element(), 0..4),
        padding in vec("[ \t]{0,3}", 4),
        right in any::<bool>(),
    ) {
        let mut delivery = Delivery::signed(body)?;
        if !right {
            delivery.body.push(b'!');
        }
        let plain = delivery.answer();
        let header = String::from_utf8_lossy(&delivery.header).into_owned();
        let (time, signature) = header.split_once(',').unwrap_or_default();
        let time = format!("{}{time}{}", padding[0], padding[1]);
        let signature = format!("{}{signature}{}", padding[2], padding[3]);
        let elements = [before, vec![time], between, vec![signature], after].concat();
        delivery.header = elements.join(",").into_bytes();
        prop_assert_eq!(plain.is_ok(), right);
        prop_assert_eq!(delivery.answer(), plain);
    }
}
