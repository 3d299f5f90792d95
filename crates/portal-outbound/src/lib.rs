//! HTTP out: alerts to the operators by Slack, Discord and PagerDuty, and reads at Stripe's API.
//!
//! The crate decides how an alert reads in each language, which body each channel is sent, how
//! Stripe is asked, and what an answer means. The schedule and the state of notifications and reads
//! belong to [`portal_domain`]. A [`Transport`] and a [`Pace`] come in as arguments; the transport
//! over sockets is missing on wasm32, everything else is there.

mod address;
mod invalid_address;
mod url;

mod channel;
mod discord;
mod pagerduty;
mod severity_mark;
mod slack;

mod context;
mod language;
mod text;

mod stripe;

mod pace;
mod transport;

#[cfg(not(target_family = "wasm"))]
mod http_transport;

pub use address::ChannelAddress;
pub use channel::Channel;
pub use context::MessageContext;
#[cfg(not(target_family = "wasm"))]
pub use http_transport::HttpTransport;
pub use invalid_address::{CHANNELS_MAX, InvalidAddress};
pub use language::{Language, Locale};
pub use pace::Pace;
pub use pagerduty::PAGERDUTY_EVENTS_URL;
pub use stripe::{ApiKey, Host, InvalidKey, STRIPE_API_URL, StripeApi};
pub use text::{duration, text};
pub use transport::{
    ANSWER_BYTES_MAX, DEADLINE, ERROR_BYTES_MAX, NoAnswer, PostResponse, Response, Transport,
};
pub use url::Url;
