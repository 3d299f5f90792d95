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

/// The state of the handlers.
pub struct App {
    pub receiver: Receiver,
    pub inbox: Arc<dyn Record>,
    /// The number of dead events above which the service is not ready.
    pub dead_events_max: u64,
    pub observer: Arc<dyn Observe>,
    pub clock: Arc<dyn Clock>,
    /// This program's version, for `/health`.
    pub version: &'static str,
}

/// Returns the public routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/webhooks/stripe", post(webhook::receive).fallback(only("POST")))
        .route("/health", get(health::live).fallback(only("GET, HEAD")))
        .route("/health/ready", get(health::ready).fallback(only("GET, HEAD")))
        .fallback(async || Answer::NotFound)
        .with_state(Arc::new(app))
}

/// Returns the routes of a host whose configuration is wrong.
///
/// It is alive, and answers all else with 503, so that Stripe sends again. Each caller reads
/// `problem`, which names the variable and never its value.
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

/// Answers a method that is not allowed.
fn only(allowed: &'static str) -> impl Fn() -> Ready<Answer> + Clone + Send + Sync + 'static {
    move || future::ready(Answer::MethodNotAllowed { allowed })
}
