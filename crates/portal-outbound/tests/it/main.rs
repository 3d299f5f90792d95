//! Everything that goes out: to channels and to Stripe's API, and the texts of notifications.

#![expect(clippy::unwrap_used, reason = "what cannot be made for a test fails it")]

mod addresses;
mod channels;
mod stripe;
mod texts;

mod notifications;
mod ports;
