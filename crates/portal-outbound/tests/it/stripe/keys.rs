use std::fmt::Debug;

use portal_domain::Advise as _;
use portal_outbound::{ApiKey, InvalidKey, Response, StripeApi};

use crate::stripe::KEY;

#[test]
fn a_key_says_its_mode_and_whether_it_is_restricted() {
    for (text, livemode, is_restricted) in [
        ("rk_live_abcdefgh1234", true, true),
        ("rk_test_abcdefgh1234", false, true),
        ("sk_live_abcdefgh1234", true, false),
        ("sk_test_12345", false, false),
        ("sk_test_51Abc_00XyZ", false, false),
    ] {
        let key = ApiKey::parse(text).unwrap();
        assert_eq!((key.livemode(), key.is_restricted()), (livemode, is_restricted), "{text}");
    }
}

#[test]
fn little_is_shown_of_a_key() {
    assert_eq!(ApiKey::parse(KEY).unwrap().masked(), "rk_test_…Such");
}

#[test]
fn a_text_that_is_no_key_is_refused_with_the_reason() {
    for (text, expected) in [
        ("", InvalidKey::NotKey),
        (" \n", InvalidKey::NotKey),
        ("sk_test_abcdefgh1234\n", InvalidKey::NotKey),
        (" sk_test_abcdefgh1234", InvalidKey::NotKey),
        ("pk_test_abcdefgh1234", InvalidKey::Publishable),
        ("pk_live_abcdefgh1234", InvalidKey::Publishable),
        ("whsec_abcdefgh1234", InvalidKey::SigningSecret),
        ("sk_org_live_abcdefgh1234", InvalidKey::NotKey),
        ("sk_test_", InvalidKey::NotKey),
        ("sk_test_1234", InvalidKey::NotKey),
        ("sk_test_abcd…1234", InvalidKey::NotKey),
        ("rk_live_****************abcd", InvalidKey::NotKey),
        ("Bearer_sk_test_abcdefgh1234", InvalidKey::NotKey),
        ("SK_TEST_abcdefgh1234", InvalidKey::NotKey),
        ("acct_1abcdefgh1234", InvalidKey::NotKey),
    ] {
        assert_eq!(ApiKey::parse(text).err(), Some(expected), "{text}");
    }
}

#[test]
fn a_refusal_names_the_remedy_and_quotes_nothing() {
    for (text, words) in [
        ("", "copy it whole"),
        ("sk_test_abcdefgh1234\n", "copy it whole"),
        ("pk_test_abcdefgh1234", "publishable"),
        ("whsec_abcdefgh1234", "signing secret"),
        ("sk_abcdefgh1234", "copy it whole"),
    ] {
        let refusal = ApiKey::parse(text).err().unwrap();
        let told = format!("{refusal} {refusal:?} {:?}", refusal.advice());
        assert!(told.contains(words), "{told}");
        assert!(!told.contains("abcdefgh") && !told.contains("1234"), "{told}");
    }
}

/// This does not compile for a type that has `Debug`, because either of the two impls would fit.
#[test]
fn types_with_a_key_or_a_body_have_no_debug() {
    trait WithoutDebug<Which> {
        fn is_so() {}
    }
    impl<T> WithoutDebug<()> for T {}
    impl<T: Debug> WithoutDebug<u8> for T {}
    <ApiKey as WithoutDebug<_>>::is_so();
    <StripeApi as WithoutDebug<_>>::is_so();
    <Response as WithoutDebug<_>>::is_so();
}
