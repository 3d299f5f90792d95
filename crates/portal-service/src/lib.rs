//! The work beside requests, the same on every host.
//!
//! The crate raises and ends alerts, notifies the channels, asks Stripe, and writes the log lines of
//! all that. It does not know a runtime, sockets or a database: a host gives the store, the clock,
//! chance and the way to Stripe, and calls each part as often as it sees fit. What must survive is in
//! the store, because a Worker's isolate may be gone in the next minute.

pub mod settings;

mod answer_times;
mod monitor;
mod troubles;

mod notifier;

mod stripe_poller;

mod figures;
mod signatures;

pub mod metrics;
pub mod trace;

pub mod doctor;

mod readiness;

pub mod json;
pub mod status;

pub mod action_columns;
pub mod donation_columns;
pub mod facts_by_path;
pub mod journal;
pub mod payout_columns;
pub mod payout_text;
pub mod period;

mod json_line;
mod log;

pub use answer_times::{ANSWER_BOUNDS_MICROS, AnswerBuckets, AnswerTimes};
pub use figures::FiguresJob;
pub use json_line::write_json_line;
pub use monitor::{Monitor, MonitorState};
pub use notifier::Notifier;
pub use readiness::{ReadinessCache, check_readiness};
pub use signatures::SignaturesJob;
pub use stripe_poller::{StripeAccess, StripePoller, check_endpoint};
pub use troubles::{QUIET, RAISE_EVERY, Troubles};
