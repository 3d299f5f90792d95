//! What a Stripe event means to a donation portal.
//!
//! The crate decides: whether bytes are Stripe's, what event they are, which facts of it may be
//! kept, and what a store must promise. It does not know HTTP, SQL, a runtime, the clock, chance or
//! the environment: bytes, `now` and the [`store::Store`] come in as arguments.

pub mod chance;
pub mod time;

pub mod secret;
pub mod signature;

pub mod ids;
pub mod lenient;

pub mod facts;

pub mod event_types;

mod data_object;
pub mod envelope;

pub mod event;

pub mod entry;

pub mod row_decode;
pub mod store;

pub mod receive;
pub mod record;
pub mod reprocess;

pub mod donation;
pub mod ledger;
pub mod money;

pub mod breakdown;
pub mod lookup;

pub mod backoff;

pub mod stripe;

pub mod read_budget;

pub mod report;

pub mod fetch;
pub mod reconcile;

pub mod endpoint;

pub mod connected_accounts;

pub mod stripe_job;

pub mod alert;
pub mod digest;
pub mod monitor;
pub mod notify;

pub use alert::{Action, Alert, AlertChange};
pub use breakdown::{Breakdown, DonationRows};
pub use chance::Chance;
pub use donation::{DisputeState, Donation, DonationFilter, DonationState, Kind, Total};
pub use entry::Entry;
pub use envelope::NotAnEvent;
pub use event::{DeadReason, Event, IgnoredReason, Origin, Payload, State};
pub use facts::{Facts, FactsKind};
pub use ids::{AccountPath, Currency, EnumWord, EventId, EventType, ObjectId};
pub use notify::{LeasedNotification, Notification, NotificationOutcome, Notify, NotifyError};
pub use receive::{Observe, Receipt, Receiver, Refusal};
pub use report::Report;
pub use secret::{InvalidSecret, Secret, Secrets};
pub use signature::{SignatureRefusal, Tolerance, Verified, sign, verify};
pub use store::{
    AlertRow, AwaitingObject, Backlog, ConnectedEvents, DeliveryHistory, EventFilter, Lease,
    LeasedJob, OperatorAction, Ready, Record, Recorded, Reprocess, Selection, Store, StoreError,
    Unavailable, Written,
};
pub use stripe::{Fetched, PageCursor, Read, ReadError, Resource, Stripe, Window};
pub use time::{Clock, UnixSeconds};
