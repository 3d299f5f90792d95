//! Deliveries that are acknowledged, or answered 503 to be sent again.

use portal_domain::{StoreError, Unavailable};

use crate::answers::{formatted, json};
use crate::support::{NOW, Portal, Result, sample, samples};

const PAYMENT: &str = "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json";
const RECEIVED: &str = r#"{"received":true}"#;

#[tokio::test]
async fn every_sample_is_received_and_recorded_once() -> Result {
    let portal = Portal::at(NOW)?;
    let samples = samples()?;
    for (name, body) in &samples {
        let answer = portal.deliver(body.clone()).await?;
        assert_eq!(formatted(&answer), json(200, &[], RECEIVED), "{name}");
    }
    assert_eq!(portal.recorded().len(), samples.len());
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_made_durable_is_to_be_sent_again() -> Result {
    let own_words = "SQL logic error near canary-4471".to_owned();
    for (unavailable, reason) in [
        (Unavailable::QueueFull, "queue_full"),
        (Unavailable::DeadlinePassed, "deadline_passed"),
        (Unavailable::ShuttingDown, "shutting_down"),
        (Unavailable::Store(StoreError::Busy), "store_busy"),
        (Unavailable::Store(StoreError::Full), "store_full"),
        (Unavailable::Store(StoreError::ReadOnly), "store_read_only"),
        (Unavailable::Store(StoreError::Corrupt), "store_corrupt"),
        (Unavailable::Store(StoreError::Missing), "store_missing"),
        (Unavailable::Store(StoreError::TooNew { found: 9, known: 3 }), "store_too_new"),
        (Unavailable::Store(StoreError::Failed(own_words)), "store_failed"),
    ] {
        let portal = Portal::failing(unavailable)?;
        let answer = portal.deliver(sample(PAYMENT)?).await?;
        let message = format!("not durable now: {reason}");
        let body = format!(r#"{{"error":{{"code":"unavailable","message":"{message}"}}}}"#);
        assert_eq!(formatted(&answer), json(503, &["retry-after: 5"], &body));
        assert!(portal.recorded().is_empty());
    }
    Ok(())
}
