//! Settling in turns, wherever that is done.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::Store;
use portal_domain::settle::settle_due;
use portal_http::{Clock, log_settled};

use crate::chance;
use crate::serve::bell::Bell;

/// How often it is looked for events whose turn has come again, and for those that a process which
/// has died left behind. What was just recorded is settled at once, or soon.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where events are settled.
pub(crate) enum Settles {
    /// On the thread that records, for a store that takes one writer at a time.
    BetweenWrites,
    /// On a thread of its own, for a store that takes many. The bell calls it; whoever learns that
    /// events are due rings it.
    Beside(Arc<Bell>),
}

/// Settles what is due, turn by turn.
pub(crate) struct Settling {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The most events of one turn.
    events_max: u32,
    failing: bool,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// As many events as a turn takes: there are more, known or not.
    Full,
    /// All that was due.
    Last,
    /// The store failed.
    Failed,
}

impl Settling {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, events_max: u32) -> Self {
        Self { store, clock, events_max, failing: false }
    }

    /// Settles once. A failure is logged when it begins.
    pub(crate) async fn turn(&mut self) -> Turn {
        let (now, jitter) = (self.clock.now(), chance::number());
        match settle_due(&*self.store, self.events_max, now, jitter).await {
            Ok(outcomes) => {
                self.failing = false;
                outcomes.iter().for_each(log_settled);
                let full = outcomes.len() >= self.events_max as usize;
                if full { Turn::Full } else { Turn::Last }
            }
            Err(error) => {
                if !self.failing {
                    tracing::error!(outcome = "not_settled", reason = error.name(), %error);
                }
                self.failing = true;
                Turn::Failed
            }
        }
    }
}
