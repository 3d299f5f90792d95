//! Alerts out to the operators: Slack, Discord and PagerDuty, over HTTP.
//!
//! The crate decides how an alert reads in each language, what each channel is sent, and what its
//! answer means. It does not know when to tell, how often, or what was told already: that is
//! [`portal_domain::tell`]. A [`Transport`] comes in as an argument; the one over sockets is not
//! there on wasm32, all else is.

mod address;
mod url;

mod channel;
mod discord;
mod pagerduty;
mod slack;

mod language;
mod text;

mod transport;

#[cfg(not(target_family = "wasm"))]
mod http_transport;

pub use address::{Address, CHANNELS_MAX, InvalidAddress};
pub use channel::Channel;
#[cfg(not(target_family = "wasm"))]
pub use http_transport::HttpTransport;
pub use language::Language;
pub use pagerduty::PAGERDUTY_EVENTS_URL;
pub use text::text;
pub use transport::{Answer, DEADLINE, NoAnswer, Transport};
pub use url::Url;
