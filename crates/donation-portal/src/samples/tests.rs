use std::collections::BTreeSet;

use portal_domain::UnixSeconds;
use serde_json::Value;

use super::{ONE_TIME, RECURRING, SAMPLES, Sample, SampleRun, events_of_donations, of_donations};

const NOW: i64 = 1_790_000_000;

fn event(run: &str, sample: Sample, number: u64, payment: u64) -> Value {
    let run = SampleRun { id: run.to_owned() };
    let body = run.body(sample, number, payment, UnixSeconds::new(NOW).unwrap());
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_sample_has_an_id_of_its_own_and_the_time_it_was_given() {
    for sample in SAMPLES {
        let event = event("ab", sample, 7, 7);
        assert_eq!(event["id"], "evt_sampleab7", "{}", sample.name);
        assert_eq!(event["type"], sample.name);
        let created = &event["created"];
        assert!(created == NOW || created == "2026-09-21T14:13:20Z", "{created}");
    }
}

#[test]
fn a_sample_is_in_test_mode_all_over() {
    for sample in SAMPLES.into_iter().chain(RECURRING) {
        let body = event("ab", sample, 0, 0).to_string();
        assert!(body.contains(r#""livemode":false"#), "{}", sample.name);
        assert!(!body.contains(r#""livemode":true"#) && !body.contains("cs_live_"), "{body}");
    }
}

#[test]
fn all_times_of_a_sample_are_relative_to_now() {
    let paid = event("ab", super::INVOICE, 0, 0);
    let paid = &paid["data"]["object"];
    assert_eq!(paid["status_transitions"]["paid_at"], NOW - 5);
    assert_eq!(paid["amount_paid"], 2500);
}

/// The events of a donation name the same payment, those of another donation another one.
#[test]
fn donations_have_payments_of_their_own() {
    let payment = |number| event("ab", ONE_TIME[0], 0, number)["data"]["object"]["id"].clone();
    let session = event("ab", ONE_TIME[2], 1, 4)["data"]["object"]["payment_intent"].clone();
    assert_eq!(session, payment(4));
    assert_ne!(session, payment(5));
    assert_ne!(event("cd", ONE_TIME[0], 0, 4)["data"]["object"]["id"], session);
}

#[test]
fn many_donations_have_all_their_events_once() {
    let of = |donations| (0..events_of_donations(donations)).map(of_donations);
    assert_eq!([of(1).count(), of(2).count(), of(5).count()], [3, 7, 17]);
    let events: BTreeSet<_> = of(5).map(|(sample, payment)| (payment, sample.json)).collect();
    assert_eq!(events.len(), 17);
    let of_the_last: Vec<_> = of(5).filter(|it| it.1 == 4).map(|it| it.0.name).collect();
    assert_eq!(of_the_last, ONE_TIME.map(|it| it.name));
}
