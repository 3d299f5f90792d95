//! The intake: verify, read, decide, record.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use strum::{IntoStaticStr, VariantArray, VariantNames};

use crate::entry::Entry;
use crate::envelope::NotAnEvent;
use crate::event::Event;
use crate::ports::{Record, Recorded, Unavailable};
use crate::secret::Secrets;
use crate::signature::{MatchedSecrets, SignatureRefusal, Tolerance, verify};
use crate::time::UnixSeconds;

/// The intake of deliveries, with its settings.
#[derive(Clone)]
pub struct Receiver {
    /// The secrets that a signature may be made with.
    pub secrets: Secrets,
    /// The largest age of a signature.
    pub tolerance: Tolerance,
}

/// The reason why a delivery is rejected; sending it again unchanged will not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The signature does not prove that Stripe sent it.
    Signature(SignatureRefusal),
    /// It is signed, but not an event.
    NotAnEvent(NotAnEvent),
}

/// The result of an event that was read: recorded, or not durable for now.
pub struct Receipt {
    /// The event and its changes.
    pub entry: Arc<Entry>,
    /// The outcome of the write; an error means that the event is not durable.
    pub recorded: Result<Recorded, Unavailable>,
    pub matched: MatchedSecrets,
}

/// Counts deliveries; must not block.
pub trait Observe: Send + Sync {
    /// An event that Stripe signed with these secrets is durable, whether it was before or not. The test
    /// deliveries of `doctor` do not count: they prove nothing about the secret that Stripe signs with.
    fn accepted(&self, matched: MatchedSecrets);

    /// A delivery is no event of Stripe's.
    fn refused(&self, refusal: Refusal);

    /// An event could not be made durable.
    fn unavailable(&self, unavailable: &Unavailable);

    /// A request was rejected that was no delivery.
    fn rejected(&self, rejection: RequestRejection);

    /// A delivery was answered.
    fn answered(&self, answered: &Answered<'_>);

    /// Returns true if a delivery that is rejected for `reason`, which any stranger may cause, gets a
    /// log line of its own; otherwise it is counted, and logged with the others by their number.
    fn logs_rejection(&self, reason: &'static str) -> bool;
}

/// The answer to a delivery.
pub struct Answered<'a> {
    pub outcome: AnswerOutcome,
    /// The reason that the log line has of one that is rejected or unavailable.
    pub reason: Option<&'static str>,
    /// The event that was read, unless it is a test of `doctor`.
    pub event: Option<&'a Event>,
    /// The time that it took, its body read included.
    pub elapsed: Duration,
}

/// The outcomes of deliveries by which the times of answers are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum AnswerOutcome {
    Recorded,
    Duplicate,
    Rejected,
    Unavailable,
}

/// Why a request is rejected before anything asks whether it is a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RequestRejection {
    /// 404: another path.
    NotFound,
    /// 405: another method.
    MethodNotAllowed,
    /// 400: no HTTP/1.1, such as TLS, the PROXY protocol or HTTP/2.
    NotHttp,
    /// 431: more than 100 headers, or a head that is too long.
    HeadTooLarge,
}

named!(RequestRejection, AnswerOutcome);

impl AnswerOutcome {
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;
}

impl RequestRejection {
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;
}

impl Receiver {
    /// Takes one delivery: the values of its `Stripe-Signature` headers and its raw body.
    ///
    /// # Errors
    /// [`Refusal`] if it is not an event of Stripe's; then nothing was recorded.
    pub async fn receive(
        &self,
        headers: impl IntoIterator<Item = &[u8]>,
        body: Bytes,
        now: UnixSeconds,
        inbox: &dyn Record,
    ) -> Result<Receipt, Refusal> {
        let (event, matched) = self.verify_and_read(headers, body, now)?;
        let entry = Arc::new(Entry::decide(event));
        let recorded = inbox.record(Arc::clone(&entry)).await;
        Ok(Receipt { entry, recorded, matched })
    }

    /// Verifies and reads one delivery without recording it.
    ///
    /// # Errors
    /// The same as [`Receiver::receive`].
    pub fn read<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
        body: Bytes,
        now: UnixSeconds,
    ) -> Result<Event, Refusal> {
        self.verify_and_read(headers, body, now).map(|(event, _)| event)
    }

    fn verify_and_read<'h>(
        &self,
        headers: impl IntoIterator<Item = &'h [u8]>,
        body: Bytes,
        now: UnixSeconds,
    ) -> Result<(Event, MatchedSecrets), Refusal> {
        let verified = verify(headers, body, &self.secrets, self.tolerance, now)
            .map_err(Refusal::Signature)?;
        let event = Event::read(&verified, now).map_err(Refusal::NotAnEvent)?;
        Ok((event, verified.matched()))
    }
}

impl Refusal {
    /// Returns the name in logs.
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
