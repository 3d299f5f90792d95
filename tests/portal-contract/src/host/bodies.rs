//! Signed bodies: events are received, other bodies refused.

use crate::host::Failure;
use crate::host::Host;
use crate::host::answer::{assert_error, assert_received};
use portal_testkit::bad_bodies;
use portal_testkit::events::{event, payment, payment_of, samples};

const MIB: usize = 1024 * 1024;

/// The event has a type that the portal uses.
pub(crate) fn an_event_is_received(host: &Host) -> Result<(), Failure> {
    let id = host.fresh_id();
    assert_received(&host.deliver(payment(&id))?);
    host.assert_recorded(&[&id], &[&id])
}

/// The changes of the event are written in the step that records it.
pub(crate) fn an_event_that_is_received_is_processed_already(host: &Host) -> Result<(), Failure> {
    for (event_type, state) in
        [("payment_intent.succeeded", "processed"), ("a.new_type", "ignored")]
    {
        let id = host.fresh_id();
        assert_received(&host.deliver(event(&id, event_type))?);
        host.assert_state(&id, state)?;
    }
    Ok(())
}

/// Stripe may add event types that the portal does not know.
pub(crate) fn an_event_of_an_unknown_type_is_received(host: &Host) -> Result<(), Failure> {
    let [id, thin] = [host.fresh_id(), host.fresh_id()];
    assert_received(&host.deliver(event(&id, "radar.early_fraud_warning.created"))?);
    let of_a_new_kind = event(&thin, "v2.a.new_type").replace(r#""event""#, r#""v2.core.event""#);
    let of_a_new_kind = of_a_new_kind.replace("1790000000", r#""2026-09-21T13:33:20.000Z""#);
    assert_received(&host.deliver(of_a_new_kind)?);
    host.assert_recorded(&[&id, &thin], &[&id, &thin])
}

/// The event is ignored, but Stripe must not send it again.
pub(crate) fn an_event_of_a_connected_account_is_received(host: &Host) -> Result<(), Failure> {
    let mut ids = Vec::new();
    for sample in samples()?.iter().filter(|it| it.name.contains("connect")) {
        let id = host.fresh_id();
        assert_received(&host.deliver(sample.with_id(&id))?);
        ids.push(id);
    }
    assert_eq!(ids.len(), 2);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    host.assert_recorded(&ids, &ids)
}

/// Each body is refused with its reason, and the host keeps working.
pub(crate) fn a_signed_body_that_is_no_event_is_refused(host: &Host) -> Result<(), Failure> {
    let bodies = bad_bodies::all();
    assert!(bodies.len() > 100, "{}", bodies.len());
    let lines = host.lines_of(|| {
        for bad in &bodies {
            let answer = host.deliver(&bad.body)?;
            assert_eq!(answer.status, 400, "{}", bad.what);
            let message = assert_error(&answer, 400, "bad_request")?;
            assert!(message.starts_with(message_of(bad.reason)?), "{}: {message}", bad.what);
        }
        Ok(())
    })?;
    if let Some(lines) = lines {
        assert_eq!(lines.len(), bodies.len());
        for (line, bad) in lines.iter().zip(&bodies) {
            assert_eq!(line["reason"], bad.reason, "{}", bad.what);
        }
    }
    let id = host.fresh_id();
    assert_received(&host.deliver(bad_bodies::EVENT.replace("evt_1", &id))?);
    host.assert_recorded(&["evt_1", "evt_2", &id], &[&id])
}

/// 255 is the limit of Stripe; a truncated id could be that of another event.
pub(crate) fn an_id_of_255_characters_is_kept_whole(host: &Host) -> Result<(), Failure> {
    let id = format!("{:x<255}", host.fresh_id());
    let longer = format!("{id}x");
    assert_received(&host.deliver(payment(&id))?);
    assert_error(&host.deliver(payment(&longer))?, 400, "bad_request")?;
    host.assert_recorded(&[&id, &longer], &[&id])
}

/// The limit applies to signed and to unsigned bodies.
pub(crate) fn a_body_of_1_mib_is_read_and_a_byte_more_is_too_large(
    host: &Host,
) -> Result<(), Failure> {
    let [id, larger] = [host.fresh_id(), host.fresh_id()];
    assert_error(&host.deliver(payment_of(MIB + 1, &larger))?, 413, "payload_too_large")?;
    assert_error(&host.post(vec![b'x'; 3 * MIB], &["t=1"])?, 413, "payload_too_large")?;
    assert_error(&host.deliver(vec![b'x'; MIB])?, 400, "bad_request")?;
    assert_received(&host.deliver(payment_of(MIB, &id))?);
    host.assert_recorded(&[&id, &larger], &[&id])
}

/// Returns the beginning of the message that belongs to a reason in the log.
fn message_of(reason: &str) -> Result<&'static str, Failure> {
    Ok(match reason {
        "not_utf8" => "the body is not UTF-8",
        "not_json" => "the body is not JSON (line ",
        "too_deep" => "the body is nested deeper than 128 levels",
        "not_an_event" => "the body is not an event (noticed at line ",
        "other_object" => "the body is not an event: object is neither event nor v2.core.event",
        "unreadable_object" => {
            "the event's object has no id, an amount that is not an integer, or a key twice"
        }
        other => return Err(format!("no message for {other}").into()),
    })
}
