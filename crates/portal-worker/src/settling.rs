//! Settling in turns.

use std::time::Duration;

use portal_domain::Store;
use portal_domain::settle::settle_due;
use portal_http::{Clock, log_settled};

use crate::chance;
use crate::deadline::in_time;

/// The most events of one turn, which is two batches of statements.
const TURN: u32 = 32;

/// How long turns follow each other: the runtime ends what is done after an answer at 30 seconds.
const TURNS_FOR: Duration = Duration::from_secs(10);

/// Settles what is due, `turns` times at most; the next minute does the rest.
pub(crate) async fn settle(store: &dyn Store, clock: &dyn Clock, turns: u32) {
    let started = clock.monotonic();
    for _ in 0..turns {
        match in_time(settle_due(store, TURN, clock.now(), chance::number())).await {
            Ok(outcomes) => {
                outcomes.iter().for_each(log_settled);
                if outcomes.len() < TURN as usize {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(outcome = "not_settled", reason = error.name(), %error);
                return;
            }
        }
        if clock.monotonic().saturating_sub(started) >= TURNS_FOR {
            return;
        }
    }
}
