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

pub mod event_types;

mod data_object;
pub mod envelope;

pub mod event;

pub mod entry;

pub mod row;
pub mod store;

pub mod receive;
pub mod record;
pub mod reprocess;

pub mod donation;
pub mod ledger;
pub mod money;

pub mod breakdown;
pub mod lookup;

pub mod retry;

pub mod stripe;

pub mod reads;

pub mod report;

pub mod fetch;
pub mod reconcile;

pub mod endpoint;

pub mod connected_accounts;

pub mod errand;

pub mod alert;
pub mod digest;
pub mod tell;
pub mod watch;

pub use alert::{Action, Alert, AlertChange};
pub use breakdown::{Breakdown, DonationRows};
pub use donation::{DisputeState, Donation, DonationFilter, DonationState, Kind, Total};
pub use entry::Entry;
pub use envelope::NotAnEvent;
pub use event::{DeadReason, Event, IgnoredReason, Origin, Payload, State};
pub use facts::{Facts, FactsKind};
pub use receive::{Receipt, Receiver, Refusal};
pub use report::Report;
pub use secret::{InvalidSecret, Secret, Secrets};
pub use signature::{SignatureRefusal, Tolerance, Verified, sign, verify};
pub use store::{
    AlertRow, AwaitingObject, Backlog, Begun, ConnectedEvents, EventFilter, Lease, OperatorAction,
    Past, Ready, Record, Recorded, Reprocess, Selection, Store, StoreError, Unavailable, Written,
};
pub use stripe::{Fetched, Look, Read, Stripe, Turn, Unseen, Window};
pub use tell::{ClaimedNotice, NotTold, Notice, NoticeOutcome, Notify};
pub use text::{AccountPath, Currency, EventId, EventType, ObjectId, Token};
pub use time::UnixSeconds;
