//! What the writer does about settling, after each write.

use std::sync::Arc;
use std::time::Duration;

use portal_http::Clock;

use crate::serve::Serving;
use crate::serve::bell::Bell;
use crate::serve::settling::{LOOK_EVERY, Settles, Settling, Turn};

/// The most events of one turn: about two milliseconds, for which deliveries wait. Under load a turn
/// waits until there are so many, because few cost nearly as much as many.
const TURN: u32 = 256;

/// What the writer does about settling.
pub(crate) enum AfterWrite {
    /// Settles by itself.
    Settle(BetweenWrites),
    /// Has the settler do so.
    Ring(Arc<Bell>),
}

/// Settling between two writes of the intake.
///
/// On one SQLite file there is one writer at a time. So the thread that records also settles, in
/// turns of its own choosing: no lock is waited for, the events are still in the cache, and the time
/// until the next deliveries have come is used.
pub(crate) struct BetweenWrites {
    settling: Settling,
    clock: Arc<dyn Clock>,
    next_look: Duration,
    /// How many events are known to be due.
    due: usize,
}

impl AfterWrite {
    pub(crate) fn new(serving: &Serving, clock: &Arc<dyn Clock>) -> Self {
        match &serving.settles {
            Settles::BetweenWrites => Self::Settle(BetweenWrites {
                settling: Settling::new(Arc::clone(&serving.store), Arc::clone(clock), TURN),
                clock: Arc::clone(clock),
                next_look: Duration::ZERO,
                due: 0,
            }),
            Settles::Beside(bell) => Self::Ring(Arc::clone(bell)),
        }
    }

    /// How long the thread may sleep if nothing comes.
    pub(crate) fn sleep(&self) -> Duration {
        match self {
            Self::Settle(between) => between.sleep(),
            Self::Ring(_) => Duration::MAX,
        }
    }

    /// To be called after each write, with how many events were recorded.
    pub(crate) async fn recorded(&mut self, events: usize) {
        match self {
            Self::Settle(between) => between.recorded(events).await,
            Self::Ring(bell) if events > 0 => bell.ring(),
            Self::Ring(_) => {}
        }
    }
}

impl BetweenWrites {
    fn sleep(&self) -> Duration {
        if self.due > 0 {
            return Duration::ZERO;
        }
        self.next_look.saturating_sub(self.clock.monotonic())
    }

    /// Settles for a while where there is enough to settle, or nothing else to do.
    async fn recorded(&mut self, events: usize) {
        self.due += events;
        let enough = self.due >= TURN as usize;
        let idle = events == 0 && (self.due > 0 || self.clock.monotonic() >= self.next_look);
        if enough || idle {
            self.turn().await;
        }
    }

    async fn turn(&mut self) {
        let turn = self.settling.turn().await;
        // From the end on: where the store fails slowly, deliveries shall not wait for this as well.
        self.next_look = self.clock.monotonic() + LOOK_EVERY;
        self.due = match turn {
            Turn::Full => self.due.saturating_sub(TURN as usize).max(1),
            Turn::Last | Turn::Failed => 0,
        };
    }
}
