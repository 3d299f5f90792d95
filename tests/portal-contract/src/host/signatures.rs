//! Only deliveries with a recent signature of Stripe are accepted.

use crate::host::Failure;
use crate::host::Host;
use crate::host::answer::{assert_received, assert_refused};
use portal_testkit::events::payment;

pub(crate) const MISSING: &str = "the Stripe-Signature header is missing";
pub(crate) const MALFORMED: &str = "the Stripe-Signature header is malformed";
pub(crate) const NO_MATCH: &str = "the signature matches no secret";
pub(crate) const UNTIMELY: &str = "the signature's timestamp is outside the tolerance";

/// Without a signature the sender is unknown.
pub(crate) fn a_delivery_without_a_signature_is_refused(host: &Host) -> Result<(), Failure> {
    let id = host.fresh_id();
    assert_refused(&host.post(payment(&id), &[])?, MISSING)?;
    host.assert_recorded(&[&id], &[])
}

/// Neither the event nor the signature is stored or logged.
pub(crate) fn a_wrong_signature_is_refused_and_nothing_is_kept(host: &Host) -> Result<(), Failure> {
    let id = host.fresh_id();
    let body = payment(&id);
    let forged = host.forged(&body);
    let lines = host.lines_of(|| assert_refused(&host.post(&body, &[&forged])?, NO_MATCH))?;
    if let Some(lines) = lines {
        let log = serde_json::to_string(&lines)?;
        let (_, v1) = forged.split_once("v1=").ok_or("no v1")?;
        assert!(!log.contains(v1), "the signature is in the log");
        assert!(!log.contains(&id), "the body is in the log");
    }
    host.assert_recorded(&[&id], &[])
}

/// One more newline makes another body.
pub(crate) fn a_body_that_was_changed_is_refused(host: &Host) -> Result<(), Failure> {
    let [id, other] = [host.fresh_id(), host.fresh_id()];
    let signature = host.signature(payment(&id));
    assert_refused(&host.post(payment(&id) + "\n", &[&signature])?, NO_MATCH)?;
    assert_refused(&host.post(payment(&other), &[&signature])?, NO_MATCH)?;
    assert_received(&host.post(payment(&id), &[&signature])?);
    host.assert_recorded(&[&id, &other], &[&id])
}

/// A malformed header is refused with its own reason, whatever the secret.
pub(crate) fn a_malformed_signature_is_refused(host: &Host) -> Result<(), Failure> {
    let body = payment(&host.fresh_id());
    let signature = host.signature(&body);
    let (t, v1) = signature.split_once(',').ok_or("no v1")?;
    for header in ["potato", "=", "t=,v1=", t, v1, &signature.replace('=', ":")] {
        assert_refused(&host.post(&body, &[header])?, MALFORMED)?;
    }
    Ok(())
}

/// Some hosts join both headers by a comma, which the grammar refuses as well.
pub(crate) fn two_signature_headers_are_refused_even_where_both_are_right(
    host: &Host,
) -> Result<(), Failure> {
    let id = host.fresh_id();
    let body = payment(&id);
    let signature = host.signature(&body);
    assert_refused(&host.post(&body, &[&signature, &signature])?, MALFORMED)?;
    assert_refused(&host.post(&body, &["v0=x", &signature, "v0=x", &signature])?, MALFORMED)?;
    host.assert_recorded(&[&id], &[])
}

/// The limit is 4,096 bytes.
pub(crate) fn a_signature_header_of_4_kib_is_read_and_a_longer_one_is_refused(
    host: &Host,
) -> Result<(), Failure> {
    let id = host.fresh_id();
    let body = payment(&id);
    let signature = host.signature(&body) + ",v0=";
    let filled = |length: usize| format!("{signature:0<length$}");
    for length in [4097, 8000] {
        assert_refused(&host.post(&body, &[&filled(length)])?, MALFORMED)?;
    }
    host.assert_recorded(&[&id], &[])?;
    assert_received(&host.post(&body, &[&filled(4096)])?);
    Ok(())
}

/// The tolerance is 300 seconds in both directions.
pub(crate) fn a_signature_of_another_time_is_refused(host: &Host) -> Result<(), Failure> {
    let id = host.fresh_id();
    let body = payment(&id);
    let posted = |seconds| host.post(&body, &[&host.signature_in(seconds, &body)]);
    for seconds in [-400, 400, -100_000] {
        assert_refused(&posted(seconds)?, UNTIMELY)?;
    }
    host.assert_recorded(&[&id], &[])?;
    for seconds in [-200, 200] {
        assert_received(&posted(seconds)?);
    }
    Ok(())
}
