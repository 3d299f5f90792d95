//! Pieces of work that have ended, for a host that traces them.

use std::time::Duration;

use portal_domain::AnswerOutcome;

/// A piece of work, with words of closed lists only, and configured channels.
pub enum EndedWork<'a> {
    /// A delivery was answered.
    Delivery {
        outcome: AnswerOutcome,
        reason: Option<&'static str>,
        /// One of the table of event types, or `other`; none where no event was read.
        event_type: Option<&'static str>,
    },
    /// Events were written to the store.
    Record { events: usize },
    /// A channel was notified, or did not take it.
    Notify { channel: &'a str, result: &'static str },
    /// Stripe was asked.
    Read { resource: &'static str, result: &'static str },
}

/// Traces work; must not block.
pub trait Trace: Send + Sync {
    /// Takes what has just ended, and took so long. Returns false if there was no room for it.
    fn ended(&self, work: &EndedWork<'_>, took: Duration) -> bool;
}
