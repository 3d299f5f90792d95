//! Every delivery leaves one log line.

use serde_json::{Value, json};

use crate::host::Failure;
use crate::host::Host;
use portal_testkit::events::{payment, payment_of};

const MIB: usize = 1024 * 1024;

/// The line has the event, its outcome and state, and the duration.
pub(crate) fn a_received_event_leaves_one_line_that_reports_its_outcome(
    host: &Host,
) -> Result<(), Failure> {
    let id = host.fresh_id();
    let lines = host.lines_of(|| {
        host.deliver(payment(&id))?;
        host.deliver(payment(&id)).map(drop)
    })?;
    let Some(lines) = lines else { return Ok(()) };
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (line, (outcome, state)) in
        lines.iter().zip([("recorded", json!("processed")), ("duplicate", Value::Null)])
    {
        let due = json!({
            "event_id": id,
            "event_type": "payment_intent.succeeded",
            "livemode": false,
            "outcome": outcome,
            "state": state,
            "status": 200,
            "reason": null,
        });
        assert_line(line, &due);
    }
    Ok(())
}

/// The line has no event id, because the body is not proved to be an event of Stripe.
pub(crate) fn a_refused_delivery_leaves_one_line_that_reports_the_reason(
    host: &Host,
) -> Result<(), Failure> {
    let body = payment(&host.fresh_id());
    let stale = host.signature_in(-400, &body);
    let lines = host.lines_of(|| {
        host.post(&body, &[])?;
        host.post(&body, &["potato"])?;
        host.post(&body, &[&host.forged(&body)])?;
        host.post(&body, &[&stale])?;
        host.deliver("{")?;
        host.deliver("[]")?;
        host.deliver(payment_of(MIB + 1, "evt_1")).map(drop)
    })?;
    let Some(lines) = lines else { return Ok(()) };
    let due = [
        (400, "no_header"),
        (400, "malformed_header"),
        (400, "no_match"),
        (400, "timestamp_outside_tolerance"),
        (400, "not_json"),
        (400, "not_an_event"),
        (413, "payload_too_large"),
    ];
    assert_eq!(lines.len(), due.len(), "{lines:?}");
    for (line, (status, reason)) in lines.iter().zip(due) {
        let due = json!({
            "event_id": null,
            "event_type": null,
            "livemode": null,
            "outcome": "rejected",
            "status": status,
            "reason": reason,
        });
        assert_line(line, &due);
    }
    Ok(())
}

/// The age shows an operator whether it was a replay or a wrong clock.
pub(crate) fn the_line_of_an_untimely_signature_reports_its_age(
    host: &Host,
) -> Result<(), Failure> {
    let body = payment(&host.fresh_id());
    let lines = host.lines_of(|| {
        for seconds in [-400, 400] {
            host.post(&body, &[&host.signature_in(seconds, &body)])?;
        }
        Ok(())
    })?;
    let Some(lines) = lines else { return Ok(()) };
    let ages: Vec<_> = lines.iter().filter_map(|it| it["age_seconds"].as_i64()).collect();
    let [old, ahead] = ages[..] else { return Err(format!("two ages are due: {ages:?}").into()) };
    assert!((340..=460).contains(&old) && (-460..=-340).contains(&ahead), "{ages:?}");
    Ok(())
}

/// Asserts that a line has these fields (null stands for none) and the duration of the delivery.
#[track_caller]
fn assert_line(line: &Value, due: &Value) {
    for (name, value) in due.as_object().into_iter().flatten() {
        assert_eq!(&line[name], value, "{name} in {line}");
    }
    assert!(line["elapsed_ms"].is_u64(), "{line}");
}
