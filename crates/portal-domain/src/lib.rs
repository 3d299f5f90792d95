//! What a Stripe event means to a donation portal.
//!
//! The crate decides: whether bytes are Stripe's, what event they are, which facts of it may be
//! kept, and what a store must promise. It does not know HTTP, SQL, a runtime, the clock, chance or
//! the environment: bytes, `now` and the [`store::Store`] come in as arguments.

pub mod time;

pub mod secret;
pub mod signature;

pub mod text;

pub mod facts;

mod data_object;
pub mod envelope;

pub mod event;

pub mod store;

pub mod receive;

pub use envelope::NotAnEvent;
pub use event::{Event, IgnoredReason, Origin, Payload, State};
pub use facts::{Facts, FactsKind};
pub use receive::{Receipt, Receiver, Refusal};
pub use secret::{InvalidSecret, Secret, Secrets};
pub use signature::{SignatureRefusal, Tolerance, Verified, sign, verify};
pub use store::{EventFilter, Record, Recorded, Store, StoreError, Unavailable};
pub use text::{AccountPath, Currency, EventId, EventType, ObjectId, Token};
pub use time::UnixSeconds;
