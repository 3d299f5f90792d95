//! The cases of a store, one file for each topic; [`every_case!`](crate::every_case) lists them.

pub(crate) mod recording;

pub(crate) mod reading;

pub(crate) mod listing;

pub(crate) mod finding;

pub(crate) mod readiness;

pub(crate) mod losing;

pub(crate) mod accounting;

mod at_once;

pub(crate) mod isolating;

pub(crate) mod reprocessing;

pub(crate) mod selecting;

pub mod broken;

pub(crate) mod backlog;

pub(crate) mod delivery_history;

pub(crate) mod pruning;

pub(crate) mod alerting;

pub(crate) mod notifications;

pub(crate) mod notifying;

pub(crate) mod paying_out;

pub(crate) mod acknowledging;

pub(crate) mod donating;

pub(crate) mod itemizing;

pub(crate) mod keeping;

pub(crate) mod fetching;

pub(crate) mod confirming;

pub(crate) mod jobs;

pub(crate) mod spending;

pub(crate) mod reports;

pub(crate) mod acting;

mod conformance;

pub use at_once::each_payment_is_there_at_once;
