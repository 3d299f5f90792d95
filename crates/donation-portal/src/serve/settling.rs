//! Settling, between two writes of the intake.
//!
//! On one SQLite file there is one writer at a time. So the thread that records also settles, in
//! turns of its own choosing: no lock is waited for, the events are still in the cache, and the time
//! until the next deliveries have come is used.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::settle::{Outcome, Result, settle_due};
use portal_domain::{Event, Store};
use portal_http::Clock;

use crate::chance;

/// How often it is looked for events whose turn has come again. What was just recorded is settled
/// at once, or soon.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The most events of one turn: about two milliseconds, for which deliveries wait. Under load a turn
/// waits until there are so many, because few cost nearly as much as many.
const TURN: u32 = 256;

/// What is to be settled, and when.
pub(crate) struct Settling {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    next_look: Duration,
    /// How many events are known to be due.
    due: usize,
    failing: bool,
}

impl Settling {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, next_look: Duration::ZERO, due: 0, failing: false }
    }

    /// How long the thread may sleep if nothing comes.
    pub(crate) fn sleep(&self) -> Duration {
        if self.due > 0 {
            return Duration::ZERO;
        }
        self.next_look.saturating_sub(self.clock.monotonic())
    }

    /// To be called after each write, with how many events were recorded. Settles for a while where
    /// there is enough to settle, or nothing else to do.
    pub(crate) async fn after(&mut self, recorded: usize) {
        self.due += recorded;
        let enough = self.due >= TURN as usize;
        let idle = recorded == 0 && (self.due > 0 || self.clock.monotonic() >= self.next_look);
        if enough || idle {
            self.turn().await;
        }
    }

    async fn turn(&mut self) {
        let settled = settle_due(&*self.store, TURN, self.clock.now(), chance::number()).await;
        // From the end on: where the store fails slowly, deliveries shall not wait for this as well.
        self.next_look = self.clock.monotonic() + LOOK_EVERY;
        match settled {
            Ok(outcomes) => {
                self.failing = false;
                outcomes.iter().for_each(log);
                // A full turn leaves more behind, known or not.
                let full = outcomes.len() >= TURN as usize;
                let left = self.due.saturating_sub(outcomes.len());
                self.due = if full { left.max(1) } else { 0 };
            }
            Err(error) => {
                self.due = 0;
                if !self.failing {
                    tracing::error!(outcome = "not_settled", reason = error.name(), %error);
                }
                self.failing = true;
            }
        }
    }
}

fn log(outcome: &Outcome) {
    let Event { id, event_type, livemode, attempts, .. } = &outcome.event;
    let (event_id, event_type) = (id.as_str(), event_type.as_str());
    match outcome.result {
        Result::Settled => {
            tracing::debug!(event_id, event_type, livemode, outcome = "settled", attempts);
        }
        Result::Stale => {
            tracing::info!(event_id, event_type, livemode, outcome = "stale", attempts);
        }
        Result::Retry(at) => {
            tracing::warn!(event_id, event_type, livemode, outcome = "retry", attempts, %at);
        }
        Result::Dead(why) => {
            let reason = why.name();
            tracing::error!(event_id, event_type, livemode, outcome = "dead", attempts, reason);
        }
    }
}
