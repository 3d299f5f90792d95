//! The signatures that are accepted, and the refusals of the others.

use std::collections::BTreeSet;
use std::error::Error;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use portal_domain::signature::{HEADER_BYTES_MAX, SIGNATURES_MAX, sign_self_test};
use portal_domain::{
    InvalidSecret, Secret, Secrets, SignatureRefusal, Tolerance, UnixSeconds, sign, verify,
};
use sha2::Sha256;

use portal_testkit::events::SECRET;
use portal_testkit::signature_cases::{self, Case, REFUSED_AT_START};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const NOW: i64 = 1_760_000_000;
const BODY: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;

/// Verifies a delivery of [`BODY`] at [`NOW`] for a service that knows `secrets`.
fn said<'h>(
    headers: impl IntoIterator<Item = &'h str>,
    secrets: &str,
) -> Result<std::result::Result<(), SignatureRefusal>> {
    said_at(NOW, headers, BODY, secrets)
}

fn said_at<'h>(
    now: i64,
    headers: impl IntoIterator<Item = &'h str>,
    body: &[u8],
    secrets: &str,
) -> Result<std::result::Result<(), SignatureRefusal>> {
    let secrets = Secrets::new(secrets)?;
    let now = UnixSeconds::new(now).ok_or("no such moment")?;
    let headers = headers.into_iter().map(str::as_bytes);
    let body = Bytes::copy_from_slice(body);
    Ok(verify(headers, body, &secrets, Tolerance::DEFAULT, now).map(|verified| {
        assert!(!verified.body().is_empty());
    }))
}

/// Returns the hex digits of a signature over `t` and [`BODY`], made without the code under test.
fn v1(secret: &str, t: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(t.as_bytes());
    mac.update(b".");
    mac.update(BODY);
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// Returns a header as Stripe sends it, signed with [`SECRET`].
fn header(t: &str) -> Result<String> {
    Ok(format!("t={t},v1={}", v1(SECRET, t)?))
}

/// Returns the verdict on a case, in the words of the file.
fn verdict(case: &Case) -> Result<&'static str> {
    if Secrets::new(&case.secret).err() == Some(InvalidSecret::Blank) {
        return Ok(REFUSED_AT_START);
    }
    Ok(match said_at(case.now, case.header.as_deref(), &case.body()?, &case.secret)? {
        Ok(()) => "accept",
        Err(SignatureRefusal::NoHeader) => "reject: no signature header",
        Err(SignatureRefusal::MalformedHeader) => "reject: malformed signature header",
        Err(SignatureRefusal::NoMatch | SignatureRefusal::SelfTest) => {
            "reject: no signature matches"
        }
        Err(SignatureRefusal::TimestampOutsideTolerance { .. }) => {
            "reject: timestamp outside tolerance"
        }
    })
}

#[test]
fn every_case_gets_the_verdict_that_is_due() -> Result {
    for case in signature_cases::all()? {
        assert_eq!(verdict(&case)?, case.portal, "{}", case.name);
    }
    Ok(())
}

#[test]
fn there_is_a_case_of_every_verdict() -> Result {
    let cases = signature_cases::all()?;
    let verdicts: BTreeSet<&str> = cases.iter().map(|case| case.portal.as_str()).collect();
    assert_eq!(
        Vec::from_iter(verdicts),
        [
            "accept",
            REFUSED_AT_START,
            "reject: malformed signature header",
            "reject: no signature header",
            "reject: no signature matches",
            "reject: timestamp outside tolerance",
        ]
    );
    Ok(())
}

#[test]
fn a_signature_of_the_portal_equals_one_of_stripe() -> Result {
    let now = UnixSeconds::new(NOW).unwrap();
    assert_eq!(sign(&Secret::new(SECRET)?, now, BODY), header("1760000000")?);
    Ok(())
}

#[test]
fn a_signature_is_good_for_300_seconds_both_ways() -> Result {
    for (t, answer) in [
        (NOW - 300, Ok(())),
        (NOW + 300, Ok(())),
        (NOW - 301, Err(SignatureRefusal::TimestampOutsideTolerance { age_seconds: 301 })),
        (NOW + 301, Err(SignatureRefusal::TimestampOutsideTolerance { age_seconds: -301 })),
    ] {
        let header = header(&t.to_string())?;
        assert_eq!(said([header.as_str()], SECRET)?, answer, "{t}");
    }
    Ok(())
}

#[test]
fn a_narrower_tolerance_is_obeyed_to_the_second() -> Result {
    let secrets = Secrets::new(SECRET)?;
    let tolerance = Tolerance::from_seconds(10).unwrap();
    let answer = |now: i64| -> Result<bool> {
        let header = header("1760000000")?;
        let now = UnixSeconds::new(now).ok_or("no such moment")?;
        let body = Bytes::from_static(BODY);
        Ok(verify([header.as_bytes()], body, &secrets, tolerance, now).is_ok())
    };
    assert!(answer(NOW + 10)?);
    assert!(!answer(NOW + 11)?);
    assert!(answer(NOW - 10)?);
    assert!(!answer(NOW - 11)?);
    Ok(())
}

#[test]
fn a_tolerance_is_1_to_3600_seconds_and_never_off() {
    for (seconds, taken) in [(-1, false), (0, false), (1, true), (3600, true), (3601, false)] {
        assert_eq!(Tolerance::from_seconds(seconds).is_some(), taken, "{seconds}");
    }
}

#[test]
fn a_second_header_is_malformed_even_where_both_are_right() -> Result {
    let header = header("1760000000")?;
    assert_eq!(said([header.as_str()], SECRET)?, Ok(()));
    let twice = [header.as_str(), header.as_str()];
    assert_eq!(said(twice, SECRET)?, Err(SignatureRefusal::MalformedHeader));
    Ok(())
}

#[test]
fn a_header_has_4096_bytes_at_most() -> Result {
    let good = header("1760000000")?;
    let filled = |length: usize| format!("{good},x={}", "y".repeat(length - good.len() - 3));
    assert_eq!(filled(HEADER_BYTES_MAX).len(), 4096);
    assert_eq!(said([filled(4096).as_str()], SECRET)?, Ok(()));
    let too_long = filled(4097);
    assert_eq!(said([too_long.as_str()], SECRET)?, Err(SignatureRefusal::MalformedHeader));
    Ok(())
}

#[test]
fn a_time_of_12_digits_is_read_and_one_of_13_is_milliseconds() -> Result {
    let far = header("999999999999")?;
    let age_seconds = NOW - 999_999_999_999;
    assert_eq!(
        said([far.as_str()], SECRET)?,
        Err(SignatureRefusal::TimestampOutsideTolerance { age_seconds })
    );
    let milliseconds = header("1760000000000")?;
    assert_eq!(said([milliseconds.as_str()], SECRET)?, Err(SignatureRefusal::MalformedHeader));
    Ok(())
}

#[test]
fn time_is_judged_only_of_a_signature_that_is_right() -> Result {
    let stale = format!("t={},v1={}", NOW - 9999, v1("whsec_another", "1759990001")?);
    assert_eq!(said([stale.as_str()], SECRET)?, Err(SignatureRefusal::NoMatch));
    Ok(())
}

#[test]
fn the_16th_signature_is_compared_and_the_17th_is_not() -> Result {
    let wrong = format!(",v1={}", "0".repeat(64));
    let right = format!(",v1={}", v1(SECRET, "1760000000")?);
    let last_of = |count: usize| format!("t=1760000000{}{right}", wrong.repeat(count - 1));
    assert_eq!(said([last_of(SIGNATURES_MAX).as_str()], SECRET)?, Ok(()));
    assert_eq!(SIGNATURES_MAX, 16);
    assert_eq!(said([last_of(17).as_str()], SECRET)?, Err(SignatureRefusal::NoMatch));
    Ok(())
}

#[test]
fn a_signature_that_is_no_hex_takes_no_place_among_the_16() -> Result {
    let right = format!(",v1={}", v1(SECRET, "1760000000")?);
    let header = format!("t=1760000000{}{right}", ",v1=potato".repeat(40));
    assert_eq!(said([header.as_str()], SECRET)?, Ok(()));
    Ok(())
}

#[test]
fn each_of_several_secrets_may_have_signed() -> Result {
    let known = "whsec_first,whsec_second,whsec_third";
    for (secret, answer) in [
        ("whsec_first", Ok(())),
        ("whsec_second", Ok(())),
        ("whsec_third", Ok(())),
        ("whsec_fourth", Err(SignatureRefusal::NoMatch)),
    ] {
        let header = format!("t=1760000000,v1={}", v1(secret, "1760000000")?);
        assert_eq!(said([header.as_str()], known)?, answer, "{secret}");
    }
    Ok(())
}

#[test]
fn while_a_secret_is_rolled_either_signature_is_enough() -> Result {
    let old = v1("whsec_old", "1760000000")?;
    let new = v1("whsec_new", "1760000000")?;
    for header in
        [format!("t=1760000000,v1={old},v1={new}"), format!("t=1760000000,v1={new},v1={old}")]
    {
        for known in ["whsec_old", "whsec_new", "whsec_old,whsec_new"] {
            assert_eq!(said([header.as_str()], known)?, Ok(()), "{known}");
        }
    }
    Ok(())
}

#[test]
fn only_v1_counts() -> Result {
    let right = v1(SECRET, "1760000000")?;
    let wrong = "0".repeat(64);
    for scheme in ["v0", "v2", "v11", "V1", "v", ""] {
        let alone = format!("t=1760000000,{scheme}={right}");
        let answer = said([alone.as_str()], SECRET)?;
        assert_eq!(answer, Err(SignatureRefusal::MalformedHeader), "{scheme}");

        let beside_a_wrong_one = format!("t=1760000000,v1={wrong},{scheme}={right}");
        let answer = said([beside_a_wrong_one.as_str()], SECRET)?;
        assert_eq!(answer, Err(SignatureRefusal::NoMatch), "{scheme}");
    }
    Ok(())
}

#[test]
fn the_body_is_signed_to_the_last_byte() -> Result {
    let header = header("1760000000")?;
    let with_newline = [BODY, b"\n"].concat();
    let answer = said_at(NOW, [header.as_str()], &with_newline, SECRET)?;
    assert_eq!(answer, Err(SignatureRefusal::NoMatch));
    Ok(())
}

/// Returns what a service with [`SECRET`] says at `now` of a test that was signed at [`NOW`].
fn of_self_test(signer: &str, now: i64, body: &[u8]) -> Result<Option<SignatureRefusal>> {
    let (forger, signer) = (Secret::new("whsec_forger")?, Secret::new(signer)?);
    let at = UnixSeconds::new(NOW).ok_or("no such moment")?;
    let header = sign_self_test(&forger, &signer, at, BODY);
    Ok(said_at(now, [header.as_str()], body, SECRET)?.err())
}

/// A stranger must not be able to hide forged deliveries as tests.
#[test]
fn only_who_has_a_secret_can_forge_a_test() -> Result {
    let (test, forged) = (Some(SignatureRefusal::SelfTest), Some(SignatureRefusal::NoMatch));
    assert_eq!(of_self_test(SECRET, NOW, BODY)?, test);
    assert_eq!(of_self_test("whsec_other", NOW, BODY)?, forged);
    // A captured one holds for its own bytes, and not for long.
    assert_eq!(of_self_test(SECRET, NOW, b"{}")?, forged);
    assert_eq!(of_self_test(SECRET, NOW + 300, BODY)?, test);
    assert_eq!(of_self_test(SECRET, NOW + 301, BODY)?, forged);
    for claim in ["self_test=1".to_owned(), format!("self_test={}", v1(SECRET, "1")?)] {
        let header = format!("t={NOW},v1={},{claim}", "0".repeat(64));
        assert_eq!(said([header.as_str()], SECRET)?, Err(SignatureRefusal::NoMatch), "{claim}");
    }
    Ok(())
}

#[test]
fn the_proof_of_a_test_is_no_signature() -> Result {
    let (forger, signer) = (Secret::new("whsec_forger")?, Secret::new(SECRET)?);
    let at = UnixSeconds::new(NOW).ok_or("no such moment")?;
    let header = sign_self_test(&forger, &signer, at, BODY);
    let proof = header.rsplit_once('=').ok_or("no proof")?.1;
    let reused = format!("t={NOW},v1={proof}");
    assert_eq!(said([reused.as_str()], SECRET)?, Err(SignatureRefusal::NoMatch));
    // A signature beside a wrong proof is still a signature.
    let signed = format!("{},self_test={}", self::header(&NOW.to_string())?, "0".repeat(64));
    assert_eq!(said([signed.as_str()], SECRET)?, Ok(()));
    Ok(())
}
