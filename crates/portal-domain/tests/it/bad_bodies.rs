//! Signed bodies: the ones that are no events, with the reason, and odd ones that are.

use std::error::Error;

use bytes::Bytes;
use portal_domain::{
    Event, FactsKind, Receiver, Refusal, Secrets, State, Tolerance, UnixSeconds, sign,
};

use portal_testkit::bad_bodies::{self, EVENT, OBJECT_NAME};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Signs `body` and passes it to the intake.
fn read(body: &[u8]) -> Result<std::result::Result<Event, Refusal>> {
    let receiver =
        Receiver { secrets: Secrets::new("whsec_test_secret")?, tolerance: Tolerance::DEFAULT };
    let now = UnixSeconds::new(1_760_000_000).ok_or("no such moment")?;
    let secret = receiver.secrets.iter().next().ok_or("no secret")?;
    let header = sign(secret, now, body);
    Ok(receiver.read([header.as_bytes()], Bytes::copy_from_slice(body), now))
}

/// Returns [`EVENT`] with `changed` in place of `field`, with and without the name of its object.
fn event_with(field: &str, changed: &str) -> Result<Event> {
    assert!(EVENT.contains(field), "{field}");
    let body = EVENT.replacen(field, changed, 1);
    let event = |body: &str| -> Result<Event> {
        read(body.as_bytes())?.map_err(|refusal| format!("{}: {body}", refusal.name()).into())
    };
    let named = event(&body)?;
    let nameless = event(&body.replacen(OBJECT_NAME, "", 1))?;
    assert_eq!(named, nameless, "{body}");
    Ok(named)
}

#[test]
fn a_short_event_is_read() -> Result {
    let event = read(EVENT.as_bytes())??;
    assert_eq!(event.id.as_str(), "evt_1");
    assert_eq!(event.state, State::Processed);
    Ok(())
}

#[test]
fn a_signed_body_that_is_no_event_is_refused_with_its_reason() -> Result {
    for bad in bad_bodies::all() {
        let Err(refusal) = read(&bad.body)? else {
            panic!("taken for an event: {}", bad.what);
        };
        assert_eq!(refusal.name(), bad.reason, "{}", bad.what);
    }
    Ok(())
}

#[test]
fn a_refusal_repeats_nothing_of_the_body() -> Result {
    for body in [
        r#"{"id":"canary","object":"event","type":"canary","created":"canary"}"#,
        r#"{"id":"canary","object":"canary","type":"canary","created":1,"livemode":true}"#,
        r#"{"canary":1,"canary":2"#,
        "canary",
        r#""canary""#,
        r#"{"id":"e","object":"event","type":"charge.failed","created":1,"livemode":true,"data":{"object":{"amount":"canary"}}}"#,
    ] {
        let Err(refusal) = read(body.as_bytes())? else { panic!("taken for an event: {body}") };
        let told = format!("{refusal} {refusal:?} {}", refusal.name());
        assert!(!told.contains("canary"), "{told}");
    }
    Ok(())
}

#[test]
fn a_refusal_has_the_place_at_which_the_json_breaks() -> Result {
    let told = |body: &str| -> Result<String> {
        let Err(refusal) = read(body.as_bytes())? else {
            return Err("taken for an event".into());
        };
        Ok(refusal.to_string())
    };
    assert_eq!(told("{\n  \"id\": evt_1\n}")?, "the body is not JSON (line 2, column 9)");
    assert_eq!(
        told("{\n  \"id\": \"evt_1\",\n  \"id\": 7\n}")?,
        "the body is not an event (noticed at line 3, column 6)"
    );
    Ok(())
}

#[test]
fn an_unknown_key_may_stand_twice() -> Result {
    event_with(r#""livemode""#, r#""extra":1,"extra":2,"livemode""#)?;
    event_with(r#""amount""#, r#""extra":1,"extra":2,"amount""#)?;
    event_with(r#""data":{"#, r#""data":{"extra":1,"extra":{},"#)?;
    Ok(())
}

#[test]
fn brackets_may_stand_128_deep() -> Result {
    // The event is the first level, and its data and the object in it the second and third.
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let extra = |levels: usize| format!(r#""extra":{},"livemode""#, deep(levels));
    event_with(r#""livemode""#, &extra(127))?;
    assert!(event_with(r#""livemode""#, &extra(128)).is_err());
    event_with(r#""amount""#, &format!(r#""extra":{},"amount""#, deep(125)))?;
    event_with(r#""amount""#, &format!(r#""currency":{},"amount""#, deep(125)))?;
    event_with(r#""livemode""#, &format!(r#""api_version":{},"livemode""#, deep(127)))?;
    Ok(())
}

#[test]
fn brackets_side_by_side_or_in_texts_are_not_deep() -> Result {
    for extra in [
        format!("[{}[]]", "[],".repeat(5000)),
        format!("[{}{{}}]", r#"{"x":[1]},"#.repeat(5000)),
        format!("\"{}\"", "[".repeat(5000)),
        format!("\"{}\"", "{".repeat(5000)),
        format!(r#""\"{}\\""#, "[{".repeat(5000)),
        format!(r#""\\\"{}""#, "[{".repeat(5000)),
    ] {
        event_with(r#""livemode""#, &format!(r#""extra":{extra},"livemode""#))?;
    }
    Ok(())
}

#[test]
fn white_space_around_the_event_is_no_matter() -> Result {
    read(format!(" \r\n\t{EVENT}\n\n").as_bytes())??;
    Ok(())
}

#[test]
fn an_id_may_have_255_characters() -> Result {
    let id = format!("evt_{}", "x".repeat(251));
    assert_eq!(event_with("evt_1", &id)?.id.as_str(), id);
    Ok(())
}

#[test]
fn an_id_need_not_begin_with_evt() -> Result {
    assert_eq!(event_with("evt_1", "we-1_A")?.id.as_str(), "we-1_A");
    Ok(())
}

#[test]
fn a_key_may_be_written_with_escapes() -> Result {
    assert_eq!(event_with(r#""id""#, r#""\u0069\u0064""#)?.id.as_str(), "evt_1");
    assert_eq!(event_with(r#""evt_1""#, r#""\u0065vt_1""#)?.id.as_str(), "evt_1");
    Ok(())
}

#[test]
fn the_type_of_an_event_decides_the_kind_of_its_object() -> Result {
    let event = event_with("payment_intent.succeeded", "charge.failed")?;
    assert_eq!(event.facts.map(|facts| facts.kind()), Some(FactsKind::Charge));
    Ok(())
}

#[test]
fn an_event_of_an_unknown_type_needs_no_data() -> Result {
    let body = EVENT
        .replace("payment_intent.succeeded", "customer.created")
        .replace(r#""data":{"object":{"id":"pi_1","object":"payment_intent","amount":500}},"#, "");
    let event = read(body.as_bytes())??;
    assert_eq!(event.state.reason(), Some("unknown_type"));
    assert_eq!(event.object_id, None);
    assert_eq!(event.facts, None);
    Ok(())
}

#[test]
fn nothing_is_read_of_the_object_of_an_ignored_event() -> Result {
    let bad_object = EVENT.replace(r#""id":"pi_1","amount":500"#, r#""amount":"500","amount":1.5"#);
    let unknown = bad_object.replace("payment_intent.succeeded", "customer.created");
    let connected =
        bad_object.replace(r#""object":"event""#, r#""object":"event","account":"acct_1""#);
    for (body, reason) in [(unknown, "unknown_type"), (connected, "connected_account")] {
        let event = read(body.as_bytes())??;
        assert_eq!(event.state.reason(), Some(reason), "{body}");
        assert_eq!(event.facts, None, "{body}");
    }
    Ok(())
}

#[test]
fn an_account_or_context_that_is_null_is_the_own_one() -> Result {
    for own in [r#""account":null,"livemode""#, r#""context":null,"livemode""#] {
        let event = event_with(r#""livemode""#, own)?;
        assert_eq!(event.account, None);
        assert_eq!(event.state, State::Processed);
    }
    Ok(())
}

#[test]
fn a_connected_account_is_named_by_account_and_a_context_alone_is_an_organisation_s() -> Result {
    for also in ["", r#""context":"acct_2/acct_1","#] {
        let event =
            event_with(r#""livemode""#, &format!(r#""account":"acct_1",{also}"livemode""#))?;
        assert_eq!(event.account.as_ref().map(|it| it.as_str()), Some("acct_1"));
        assert_eq!(event.state.reason(), Some("connected_account"));
    }
    let own = event_with(r#""livemode""#, r#""context":"acct_1","livemode""#)?;
    assert_eq!((own.account, own.state), (None, State::Processed));
    Ok(())
}

#[test]
fn an_api_version_that_does_not_fit_is_dropped() -> Result {
    for (version, kept) in [
        (r#""2024-06-20""#, Some("2024-06-20")),
        (r#""2025-09-30.clover""#, Some("2025-09-30.clover")),
        ("null", None),
        ("20240620", None),
        (r#""The newest""#, None),
    ] {
        let with_version = format!(r#""api_version":{version},"livemode""#);
        let event = event_with(r#""livemode""#, &with_version)?;
        assert_eq!(event.api_version.as_ref().map(|it| it.as_str()), kept, "{version}");
    }
    Ok(())
}

#[test]
fn an_amount_may_be_missing_or_null() -> Result {
    event_with(r#","amount":500"#, "")?;
    event_with(":500", ":null")?;
    Ok(())
}
