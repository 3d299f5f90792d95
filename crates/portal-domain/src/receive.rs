//! The intake: verify, read, decide, record.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::entry::Entry;
use crate::envelope::NotAnEvent;
use crate::event::Event;
use crate::secret::Secrets;
use crate::signature::{SignatureRefusal, Tolerance, verify};
use crate::store::{Record, Recorded, Unavailable};
use crate::time::UnixSeconds;

/// Takes deliveries in.
#[derive(Clone)]
pub struct Receiver {
    /// Whose signatures count.
    pub secrets: Secrets,
    /// How old they may be.
    pub tolerance: Tolerance,
}

/// Why a delivery is no event of Stripe's; sending it again unchanged will not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not proved to come from Stripe.
    Signature(SignatureRefusal),
    /// Signed, but no event.
    NotAnEvent(NotAnEvent),
}

/// What became of an event that was read: recorded, or not durable for now.
pub struct Receipt {
    /// The event, and what it changes.
    pub entry: Arc<Entry>,
    /// Whether it is durable, and whether it was new.
    pub recorded: Result<Recorded, Unavailable>,
}

/// Is told of deliveries that are turned away; must not block.
pub trait Observe: Send + Sync {
    /// A delivery is no event of Stripe's.
    fn refused(&self, refusal: Refusal);

    /// An event could not be made durable.
    fn unavailable(&self, unavailable: &Unavailable);
}

impl Receiver {
    /// Takes one delivery in: the values of its `Stripe-Signature` headers and its raw body.
    ///
    /// # Errors
    /// [`Refusal`] where it is not an event of Stripe's; then nothing was recorded.
    pub async fn receive(
        &self,
        headers: impl IntoIterator<Item = &[u8]>,
        body: Bytes,
        now: UnixSeconds,
        inbox: &dyn Record,
    ) -> Result<Receipt, Refusal> {
        let entry = Arc::new(Entry::decide(self.read(headers, body, now)?));
        let recorded = inbox.record(Arc::clone(&entry)).await;
        Ok(Receipt { entry, recorded })
    }

    /// Verifies and reads one delivery, and records nothing.
    ///
    /// # Errors
    /// As [`Receiver::receive`].
    pub fn read<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
        body: Bytes,
        now: UnixSeconds,
    ) -> Result<Event, Refusal> {
        let verified = verify(headers, body, &self.secrets, self.tolerance, now)
            .map_err(Refusal::Signature)?;
        Event::read(&verified, now).map_err(Refusal::NotAnEvent)
    }
}

impl Refusal {
    /// The name in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signature(refusal) => refusal.name(),
            Self::NotAnEvent(refusal) => refusal.name(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(refusal) => refusal.fmt(f),
            Self::NotAnEvent(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}
