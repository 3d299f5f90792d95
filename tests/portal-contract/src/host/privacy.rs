//! Personal data and bytes of requests are never stored, logged or answered.

use std::collections::BTreeSet;

use portal_testkit::http::Answer;

use crate::host::answer::{assert_error, assert_received};
use portal_testkit::events::{payment, samples};
use portal_testkit::http::WEBHOOK;

use crate::host::Host;
use portal_testkit::needles::Needles;

use crate::host::Failure;

const CANARY: &str = "canary-4471";

/// Nothing of a path, a query, a header, a signature or a body is in an answer.
pub(crate) fn no_answer_repeats_what_its_caller_sent(host: &Host) -> Result<(), Failure> {
    let silent = |answer: Answer| assert!(!answer.text().contains(CANARY), "{answer:?}");
    for path in ["/canary-4471", "/health?canary-4471", "/health/ready?canary-4471", WEBHOOK] {
        for header in ["Stripe-Signature", "Accept", "Origin", "Content-Type", "X-Request-Id"] {
            silent(host.ask("GET", path, &[(header, CANARY)], None)?);
            silent(host.ask("POST", path, &[(header, CANARY)], Some(CANARY.as_bytes()))?);
        }
    }
    let body = payment(&host.fresh_id());
    let right = host.signature(&body);
    for header in [&format!("t={CANARY},v1={CANARY}"), &format!("{right},t={CANARY}")] {
        silent(host.post(&body, &[header])?);
    }
    for (field, changed) in [
        (r#""id":"evt_"#, r#""id":"canary-4471 "#),
        (r#""event""#, r#""canary-4471""#),
        ("payment_intent.succeeded", "canary-4471 "),
        ("1790000000", r#""canary-4471""#),
        ("5000", r#""canary-4471""#),
        ("5000", "canary-4471"),
        ("false", r#""canary-4471""#),
    ] {
        let answer = host.deliver(body.replacen(field, changed, 1))?;
        assert_error(&answer, 400, "bad_request")?;
        silent(answer);
    }
    Ok(())
}

/// Every sample event is delivered correctly and incorrectly. Its id is stored and logged, which shows
/// that the right places are searched, but none of its personal data is.
pub(crate) fn no_personal_data_is_stored_or_printed(host: &Host) -> Result<(), Failure> {
    let mut evidence = Vec::new();
    let mut ids = BTreeSet::new();
    host.lines_of(|| {
        for sample in samples()? {
            let id = host.fresh_id();
            evidence.push(("an answer".to_owned(), answers_to(&sample.with_id(&id), host)?));
            ids.insert(id);
        }
        Ok(())
    })?;
    if let Some(witness) = &host.witness {
        let kept = witness.kept()?;
        let log = ("the log".to_owned(), serde_json::to_vec(&witness.log()?)?);
        assert_tells(std::slice::from_ref(&log), &ids);
        assert_tells(&kept, &ids);
        evidence.extend(kept);
        evidence.push(log);
    }
    let canaries = Needles::of_the_samples()?;
    for (place, bytes) in evidence {
        assert_eq!(canaries.found_in(&bytes), BTreeSet::new(), "in {place}");
    }
    Ok(())
}

/// Delivers an event once, again, with a forged signature, and half of it. Returns all answers.
fn answers_to(body: &str, host: &Host) -> Result<Vec<u8>, Failure> {
    let half = body.get(..body.len() / 2).unwrap_or(body);
    let received = [host.deliver(body)?, host.deliver(body)?];
    received.iter().for_each(assert_received);
    let refused = [host.post(body, &[&host.forged(body)])?, host.deliver(half)?];
    for answer in &refused {
        assert_error(answer, 400, "bad_request")?;
    }
    Ok(received.iter().chain(&refused).map(Answer::text).collect::<String>().into())
}

/// Asserts that these places have all these events; otherwise the wrong places were searched.
#[track_caller]
fn assert_tells(places: &[(String, Vec<u8>)], ids: &BTreeSet<String>) {
    let needles = Needles::new(ids.iter().cloned());
    let found: BTreeSet<&str> =
        places.iter().flat_map(|(_, bytes)| needles.found_in(bytes)).collect();
    let silent: Vec<_> = ids.iter().filter(|id| !found.contains(id.as_str())).collect();
    assert!(silent.is_empty(), "{} of {} events are not told of", silent.len(), ids.len());
}
