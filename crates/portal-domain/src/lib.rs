//! Rules, values and ports of the donation portal, without any input or output.
//!
//! The crate decides if bytes come from Stripe, which event they are, which of its facts may be
//! kept and what they change in the ledger; and it defines the contract of a store. It does not
//! know HTTP, SQL, a runtime, the clock, chance or the environment: bytes, `now` and the
//! [`ports`] come in as arguments.

pub mod chance;
#[macro_use]
mod named;

#[macro_use]
mod text;

pub mod advise;
pub mod time;

pub mod secret;
pub mod signature;
pub mod signature_hint;
pub mod signature_history;

pub mod ids;
pub mod json_target;
pub mod lenient;

pub mod facts;

pub mod event_types;

mod data_object;
pub mod envelope;

pub mod event;

pub mod entry;

pub mod trail;

pub mod ports;
pub mod row_decode;
pub mod tables;

pub mod receive;
pub mod record;
pub mod reprocess;

pub mod donation;
pub mod ledger;
pub mod money;

pub mod payouts;

pub mod breakdown;
pub mod lookup;

pub mod backoff;

pub mod stripe;

pub mod read_budget;

pub mod report;

pub mod fetch;
pub mod reconcile;

pub mod endpoint;
pub mod endpoint_check;
pub mod endpoint_problem;

pub mod connected_accounts;

pub mod requested_run;
pub mod stripe_job;

pub mod alert;
pub mod digest;
pub mod figures;
pub mod monitor;
pub mod notify;

pub mod log_names;

pub mod operator;

pub use advise::Advise;
pub use alert::{Action, Alert, AlertChange};
pub use breakdown::{Breakdown, DonationRows};
pub use chance::Chance;
pub use donation::{DisputeState, Donation, DonationFilter, DonationState, Kind, Total};
pub use entry::Entry;
pub use envelope::NotAnEvent;
pub use event::{DeadReason, Event, IgnoredReason, Origin, Payload, State};
pub use facts::{Facts, FactsKind};
pub use ids::{AccountPath, Actor, AlertKey, Currency, EnumWord, EventId, EventType, ObjectId};
pub use notify::{Notify, NotifyError, SlackError};
pub use operator::{InvalidOperators, Operator, Operators, Role};
pub use ports::{
    ActionFilter, Actions, AlertFilter, AlertRow, AlertSilence, AlertState, Alerts, AwaitingObject,
    Backlog, ChannelResult, ChannelRow, ConnectedEvents, DeliveryHistory, DeliveryHour,
    EventFilter, FailedNotification, HourSpan, Inbox, JobRow, Jobs, Lease, LeasedJob,
    LeasedNotification, Ledger, NewSilence, Notification, NotificationOutcome, OperatorAction,
    PayoutFilter, Payouts, Ready, Record, Recorded, Reports, Reprocess, Selection, Store,
    StoreError, Unavailable, Written, stored_json,
};
pub use receive::{AnswerOutcome, Answered, Observe, Receipt, Receiver, Refusal, RequestRejection};
pub use report::Report;
pub use secret::{InvalidSecret, Secret, Secrets};
pub use signature::{MatchedSecrets, SignatureRefusal, Tolerance, Verified, sign, verify};
pub use stripe::{Fetched, PageCursor, Read, ReadError, Resource, Stripe, Window};
pub use text::Text;
pub use time::{Clock, UnixSeconds};
pub use trail::{
    Acknowledgement, ActionOutcome, ActionResult, ActionRow, ActionScope, ActionVerb, ActionVia,
    NewAction,
};
