//! The log line of a delivery.

use axum::body::Body;
use http::Request;
use portal_domain::{Backlog, Ready, StoreError, Unavailable};
use portal_testkit::needles::Needles;

use crate::log::{Line, Log};
use crate::support::{ELAPSED_MS, NOW, Portal, Result, SECRET, WEBHOOK, sample, samples};

const PAYMENT: &str = "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json";
/// An event about a payment without a currency, which becomes dead.
const NO_CURRENCY: &str = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1,"livemode":false,"data":{"object":{"id":"pi_1","object":"payment_intent","amount":500,"status":"succeeded"}}}"#;

fn line(fields: &[(&str, &str)]) -> Line {
    fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

#[tokio::test]
async fn each_delivery_leaves_one_line_with_its_outcome_and_no_personal_data() -> Result {
    let log = Log::default();
    log.listen();

    taken_deliveries(&log).await?;
    unknown_words(&log).await?;
    rejected_deliveries(&log).await?;
    refused_deliveries(&log).await?;
    questions_about_readiness(&log).await?;
    personal_data(&log).await
}

async fn taken_deliveries(log: &Log) -> Result {
    let portal = Portal::at(NOW)?;
    let payment = ("evt_3BskXZUxn3WlNdCTl8MLa0cR", "payment_intent.succeeded", "true");
    let processed = [("outcome", "recorded"), ("state", "processed")];
    for became in [&processed[..], &[("outcome", "duplicate")]] {
        portal.deliver(sample(PAYMENT)?).await?;
        assert_eq!(log.taken().lines, [taken("INFO", payment, became)]);
    }
    assert_eq!(ELAPSED_MS, 7);

    portal.deliver(sample("thin/v2.core.event_destination.ping.json")?).await?;
    let ping = (
        "evt_65LYI2AGY5RdmMHEx7eOwGgXGvMlveq38pkCZLpnZ5",
        "v2.core.event_destination.ping",
        "false",
    );
    let ignored = [("outcome", "recorded"), ("state", "ignored"), ("reason", "ping")];
    assert_eq!(log.taken().lines, [taken("INFO", ping, &ignored)]);

    portal.deliver(sample("thin/v1.invoice.paid.json")?).await?;
    let thin = ("evt_65o8pm4RAWCMSIVrS0e2aqTvLiz99Z7wMBX6ajzafb", "v1.invoice.paid", "true");
    let awaiting = [("outcome", "recorded"), ("state", "awaiting_object")];
    assert_eq!(log.taken().lines, [taken("INFO", thin, &awaiting)]);

    let dead = [("outcome", "recorded"), ("state", "dead"), ("reason", "facts_missing")];
    for (level, became) in [("ERROR", &dead[..]), ("INFO", &[("outcome", "duplicate")])] {
        portal.deliver(NO_CURRENCY).await?;
        let event = ("evt_1", "payment_intent.succeeded", "false");
        assert_eq!(log.taken().lines, [taken(level, event, became)]);
    }
    Ok(())
}

/// An unknown word could be anything, so it is not logged.
async fn unknown_words(log: &Log) -> Result {
    let portal = Portal::at(NOW)?;
    let recorded = [("outcome", "recorded"), ("state", "processed")];
    for (id, version, is_first) in [
        ("evt_2", "2027-01-27.future", true),
        ("evt_3", "2027-01-27.future", false),
        ("evt_4", "2027-02-24.future", true),
    ] {
        let body = format!(
            r#"{{"id":"{id}","object":"event","type":"charge.dispute.updated","created":1,
                "livemode":true,"api_version":"{version}","data":{{"object":{{"object":"dispute",
                "id":"du_1","status":"pondered","amount":5,"currency":"jpy",
                "payment_intent":"pi_1"}}}}}}"#
        );
        portal.deliver(body).await?;
        let event = (id, "charge.dispute.updated", "true");
        let unknown = line(&[
            ("level", "WARN"),
            ("event_id", id),
            ("event_type", event.1),
            ("livemode", event.2),
            ("outcome", "unknown_word"),
            ("object", "dispute"),
            ("field", "status"),
            ("api_version", version),
        ]);
        let mut due = if is_first { vec![unknown] } else { vec![] };
        due.push(taken("INFO", event, &recorded));
        assert_eq!(log.taken().lines, due, "{id}");
    }
    Ok(())
}

/// Returns the expected line of an acknowledged event with this id, type and livemode.
fn taken(level: &str, event: (&str, &str, &str), became: &[(&str, &str)]) -> Line {
    let (id, event_type, livemode) = event;
    let mut taken = line(&[
        ("level", level),
        ("event_id", id),
        ("event_type", event_type),
        ("livemode", livemode),
        ("status", "200"),
        ("elapsed_ms", "7"),
    ]);
    taken.extend(line(became));
    taken
}

async fn rejected_deliveries(log: &Log) -> Result {
    let portal = Portal::at(NOW)?;
    let body = sample(PAYMENT)?;
    let stranger = Portal::new(NOW, "whsec_another", None)?;
    let replayed = Portal::at(NOW - 301)?;
    let ahead = Portal::at(NOW + 1000)?;
    for (signature, reason, age_seconds) in [
        ("potato".into(), "malformed_header", None),
        (stranger.signature(&body)?, "no_match", None),
        (replayed.signature(&body)?, "timestamp_outside_tolerance", Some("301")),
        (ahead.signature(&body)?, "timestamp_outside_tolerance", Some("-1000")),
    ] {
        portal.post(&signature, body.clone()).await?;
        assert_eq!(log.taken().lines, [rejected("400", reason, age_seconds)]);
    }

    portal.answer(Request::post(WEBHOOK).body(Body::from(body))?).await?;
    assert_eq!(log.taken().lines, [rejected("400", "no_header", None)]);

    for (body, reason) in [
        (&b"\xff"[..], "not_utf8"),
        (b"{", "not_json"),
        (b"{}", "not_an_event"),
        (b"[]", "not_an_event"),
        (&[b'['; 129], "too_deep"),
        (
            br#"{"id":"evt_1","object":"event","type":"charge.failed","created":1,"livemode":true}"#,
            "unreadable_object",
        ),
    ] {
        portal.deliver(body).await?;
        assert_eq!(log.taken().lines, [rejected("400", reason, None)]);
    }

    portal.deliver(vec![b' '; portal_http::BODY_BYTES_MAX + 1]).await?;
    assert_eq!(log.taken().lines, [rejected("413", "payload_too_large", None)]);
    Ok(())
}

fn rejected(status: &str, reason: &str, age_seconds: Option<&str>) -> Line {
    let mut line = line(&[
        ("level", "WARN"),
        ("outcome", "rejected"),
        ("status", status),
        ("elapsed_ms", "7"),
        ("reason", reason),
    ]);
    line.extend(age_seconds.map(|age| ("age_seconds".into(), age.into())));
    line
}

async fn refused_deliveries(log: &Log) -> Result {
    for (unavailable, reason, error) in [
        (Unavailable::QueueFull, "queue_full", "too many deliveries wait for the database"),
        (Unavailable::DeadlinePassed, "deadline_passed", "the database did not answer soon enough"),
        (Unavailable::ShuttingDown, "shutting_down", "the service is shutting down"),
        (Unavailable::Store(StoreError::Full), "store_full", "the disk is full"),
        (
            Unavailable::Store(StoreError::Failed("out of memory".into())),
            "store_failed",
            "the database failed: out of memory",
        ),
    ] {
        let portal = Portal::failing(unavailable)?;
        portal.deliver(sample(PAYMENT)?).await?;
        assert_eq!(
            log.taken().lines,
            [line(&[
                ("level", "ERROR"),
                ("event_id", "evt_3BskXZUxn3WlNdCTl8MLa0cR"),
                ("event_type", "payment_intent.succeeded"),
                ("livemode", "true"),
                ("outcome", "unavailable"),
                ("status", "503"),
                ("elapsed_ms", "7"),
                ("reason", reason),
                ("error", error),
            ])]
        );

        portal.answer(Request::get("/health/ready").body(Body::empty())?).await?;
        let not_ready =
            [("level", "ERROR"), ("outcome", "not_ready"), ("reason", reason), ("error", error)];
        assert_eq!(log.taken().lines, [line(&not_ready)]);
    }
    Ok(())
}

async fn questions_about_readiness(log: &Log) -> Result {
    let asked = async |portal: Portal| -> Result<Vec<Line>> {
        portal.answer(Request::get("/health/ready").body(Body::empty())?).await?;
        Ok(log.taken().lines)
    };
    let not_ready =
        |reason| line(&[("level", "ERROR"), ("outcome", "not_ready"), ("reason", reason)]);
    let with = |mut line: Line, field: &str, value: &str| {
        line.insert(field.into(), value.into());
        line
    };
    assert_eq!(asked(Portal::at(0)?).await?, [not_ready("clock_wrong")]);

    let backlog = Backlog { dead: 11, ..Backlog::default() };
    let dead = Portal::knowing(Ready { backlog, ..Ready::default() })?;
    assert_eq!(asked(dead).await?, [with(not_ready("events_dead"), "dead", "11")]);

    let apart = line(&[("level", "WARN"), ("outcome", "clocks_apart")]);
    for (ahead, due) in [
        (30, None),
        (-30, None),
        (31, Some(&apart)),
        (-31, Some(&apart)),
        (151, Some(&not_ready("clocks_apart"))),
        (-151, Some(&not_ready("clocks_apart"))),
    ] {
        let known = Ready { clock_ahead_seconds: Some(ahead), ..Ready::default() };
        let due = due.map(|it| with(it.clone(), "ahead_seconds", &ahead.to_string()));
        assert_eq!(asked(Portal::knowing(known)?).await?, due.as_slice());
    }
    Ok(())
}

/// Personal data of the samples is never logged, whether they are accepted or refused.
async fn personal_data(log: &Log) -> Result {
    let taken = Portal::at(NOW)?;
    let refused = Portal::failing(Unavailable::DeadlinePassed)?;
    let mut deliveries = 0;
    for (_, body) in samples()? {
        let text = String::from_utf8(body.clone())?;
        taken.deliver(body.clone()).await?;
        refused.deliver(body.clone()).await?;
        taken.post("potato", body.clone()).await?;
        // The body is signed, but incomplete or no event.
        taken.deliver(text.trim_end_matches('}')).await?;
        taken.deliver(text.replacen("\"id\": \"evt_", "\"id\": \"Hanako evt_", 1)).await?;
        deliveries += 5;
    }
    let logged = log.taken();
    assert_eq!(logged.lines.len(), deliveries);
    assert_eq!(taken.recorded().len() * 5, deliveries);
    let logged = format!("{:?}", logged.everything);
    assert!(logged.contains("evt_3BskXZUxn3WlNdCTl8MLa0cR"));
    assert_eq!(Needles::of_the_samples()?.found_in(logged.as_bytes()), [].into());
    for text in ["Hanako", SECRET, "v1="] {
        assert!(!logged.contains(text), "{text}");
    }
    Ok(())
}
