//! The ports to a store, one for each topic. The conformance suite is
//! `portal-contract`.
//!
//! Every operation is one atomic step: all of it happened, or nothing did.

mod actions;
mod alerts;
mod error;
mod inbox;
mod jobs;
mod ledger;
mod payouts;
mod record;
mod reports;

pub use actions::{ActionFilter, Actions};
pub use alerts::{
    AlertFilter, AlertRow, AlertSilence, AlertState, Alerts, ChannelResult, ChannelRow,
    FailedNotification, LeasedNotification, NewSilence, Notification, NotificationOutcome,
    SILENCE_MAX, SilenceRefusal,
};
pub use error::{StoreError, Unavailable, stored_json};
pub use inbox::{EventFilter, Inbox, OperatorAction, Recorded, Reprocess, Selection, Written};
pub use jobs::{AwaitingObject, JobRow, Jobs, Lease, LeasedJob};
pub use ledger::Ledger;
pub use payouts::{PayoutFilter, Payouts};
pub use record::{Ready, Record};
pub use reports::{
    Backlog, ConnectedEvents, DELAYS_SECONDS, DOCTORS_TYPE, DeliveryHistory, DeliveryHour,
    HourSpan, ROLLED_UP_MAX, Reports,
};

/// All ports of a database of this service.
pub trait Store: Inbox + Ledger + Alerts + Jobs + Reports + Actions + Payouts {}

impl<S> Store for S where S: Inbox + Ledger + Alerts + Jobs + Reports + Actions + Payouts + ?Sized {}
