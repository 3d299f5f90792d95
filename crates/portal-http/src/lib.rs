//! The portal's HTTP surface, the same on every host.
//!
//! It turns requests into the domain's steps and outcomes into answers. It does not know databases,
//! sockets, the clock or a runtime; the host hands in an inbox and a clock.

mod answer;
mod health;
mod unconfigured;
mod webhook;

use std::fmt;
use std::future::{self, Ready};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use portal_domain::{Clock, Observe, Receiver, Record, RequestRejection};

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
    /// The names of settings that are wrong and left out, for `/health/ready`.
    pub left_out: Vec<&'static str>,
    pub observer: Arc<dyn Observe>,
    pub clock: Arc<dyn Clock>,
    /// True if the log says why a signature was refused: for a developer, because it reads what is not
    /// verified and hashes it several times.
    pub explains_refusals: bool,
    /// This program's version, for `/health`.
    pub version: &'static str,
}

/// The memory for large bodies is used up: what a host's body fails with, so that the answer is 503.
#[derive(Debug)]
pub struct BodyMemoryUsedUp;

impl fmt::Display for BodyMemoryUsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many large bodies at once")
    }
}

impl std::error::Error for BodyMemoryUsedUp {}

/// Returns the public routes.
pub fn router(app: App) -> Router {
    let webhook = || post(webhook::receive).fallback(rejected("POST"));
    Router::new()
        .route("/api/webhooks/stripe", webhook())
        // Stripe follows no redirect, and an endpoint is easily registered with the slash.
        .route("/api/webhooks/stripe/", webhook())
        .route("/health", get(health::live).fallback(rejected("GET, HEAD")))
        .route("/health/ready", get(health::ready).fallback(rejected("GET, HEAD")))
        .fallback(async |State(app): State<Arc<App>>| {
            app.observer.rejected(RequestRejection::NotFound);
            Answer::NotFound
        })
        .with_state(Arc::new(app))
}

/// Answers a method that is not allowed, and counts it.
fn rejected(
    allowed: &'static str,
) -> impl Fn(State<Arc<App>>) -> Ready<Answer> + Clone + Send + Sync + 'static {
    move |State(app)| {
        app.observer.rejected(RequestRejection::MethodNotAllowed);
        future::ready(Answer::MethodNotAllowed { allowed })
    }
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
    let only = |allowed| move || future::ready(Answer::MethodNotAllowed { allowed });
    Router::new()
        .route("/health", get(unconfigured::live).fallback(only("GET, HEAD")))
        .fallback(unconfigured::refuse)
        .with_state(Arc::new(Unconfigured { problem, clock, version }))
}
