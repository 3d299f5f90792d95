//! The console as its users meet it, without sockets: each test asks over HTTP.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod acting;
mod api;
mod canaries;
mod comparing;
mod deliveries;
mod door;
mod events;
mod failing;
mod live;
mod money;
mod operating;

mod host;
mod support;
mod trail;
