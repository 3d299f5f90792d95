//! Making single events durable, in front of a store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Backlog, Recorded, Unavailable};
use crate::entry::Entry;

/// Makes single events durable; stands in front of a [`super::Store`] and may write many at once.
#[async_trait]
pub trait Record: Send + Sync {
    /// Answers when the event is durable with all that follows from it, or when it is known that it
    /// will not be soon enough.
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable>;

    /// Succeeds if [`Record::record`] would succeed now.
    async fn ready(&self) -> Result<Ready, Unavailable>;
}

/// The findings of a readiness check that succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// The events that are dead or await their object.
    pub backlog: Backlog,
    /// By how many seconds this process's clock is ahead of the store's, where that has its own;
    /// negative where it is behind.
    pub clock_ahead_seconds: Option<i64>,
    /// A notification channel is failing ([`crate::Alert::ChannelFailing`]).
    pub channel_fails: bool,
}
