//! The portal's HTTP surface, the same on every host.
//!
//! It turns requests into the domain's steps and outcomes into answers. It does not know databases,
//! sockets, the clock or a runtime; the host hands in an inbox and a clock.

mod answer;
mod health;
mod unconfigured;
mod webhook;

use std::future::{self, Ready};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use portal_domain::{Clock, Observe, Receiver, Record};

use crate::answer::Answer;
use crate::unconfigured::Unconfigured;

/// The largest body that is read, in bytes. Stripe publishes no maximum; its events have 2 to 7 KB,
/// and more with long invoices.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the handlers work with.
pub struct App {
    /// Verifies and reads.
    pub receiver: Receiver,
    /// Makes durable.
    pub inbox: Arc<dyn Record>,
    /// With more dead events than this the service is not ready.
    pub dead_events_max: u64,
    /// Is told what is turned away.
    pub observer: Arc<dyn Observe>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// This program's version, for `/health`.
    pub version: &'static str,
}

/// The public routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/webhooks/stripe", post(webhook::receive).fallback(only("POST")))
        .route("/health", get(health::live).fallback(only("GET, HEAD")))
        .route("/health/ready", get(health::ready).fallback(only("GET, HEAD")))
        .fallback(async || Answer::NotFound)
        .with_state(Arc::new(app))
}

/// The routes of a host that has to answer although its configuration is wrong.
///
/// It is alive, and says "not now" to everything else, so that Stripe sends again. `problem` is told
/// to every caller: it names the variable, never its value.
pub fn router_unconfigured(
    problem: String,
    clock: Arc<dyn Clock>,
    version: &'static str,
) -> Router {
    Router::new()
        .route("/health", get(unconfigured::live).fallback(only("GET, HEAD")))
        .fallback(unconfigured::refuse)
        .with_state(Arc::new(Unconfigured { problem, clock, version }))
}

/// What is said to another method than those allowed.
fn only(allowed: &'static str) -> impl Fn() -> Ready<Answer> + Clone + Send + Sync + 'static {
    move || future::ready(Answer::MethodNotAllowed { allowed })
}
