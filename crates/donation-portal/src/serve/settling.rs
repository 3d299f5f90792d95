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
/// at once.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The least and the most events of one turn: at most some milliseconds, for which deliveries wait.
const TURN: std::ops::RangeInclusive<usize> = 64..=512;

/// What is to be settled, and when.
pub(crate) struct Settling {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    next_look: Duration,
    more: bool,
    failing: bool,
}

impl Settling {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, next_look: Duration::ZERO, more: true, failing: false }
    }

    /// How long the thread may sleep if nothing comes.
    pub(crate) fn sleep(&self) -> Duration {
        if self.more {
            return Duration::ZERO;
        }
        self.next_look.saturating_sub(self.clock.monotonic())
    }

    /// Settles for a while, where there is something to settle. `recorded` is how many events were
    /// just recorded: a turn takes up to twice as many, so that settling keeps up with the intake.
    pub(crate) async fn turn(&mut self, recorded: usize) {
        let now = self.clock.monotonic();
        if recorded == 0 && !self.more && now < self.next_look {
            return;
        }
        self.next_look = now + LOOK_EVERY;
        let limit = (2 * recorded).clamp(*TURN.start(), *TURN.end());
        let batch = u32::try_from(limit).unwrap_or(u32::MAX);
        match settle_due(&*self.store, batch, self.clock.now(), chance::number()).await {
            Ok(outcomes) => {
                self.more = outcomes.len() >= limit;
                self.failing = false;
                outcomes.iter().for_each(log);
            }
            Err(error) => {
                self.more = false;
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
