//! The answers of a host whose configuration is wrong: alive, and unavailable.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use portal_domain::Clock;
use portal_domain::log_names::{LogOutcome, LogReason};

use crate::answer::Answer;
use crate::health;

/// The state of the handlers.
pub(crate) struct Unconfigured {
    pub(crate) problem: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) version: &'static str,
}

pub(crate) async fn live(State(host): State<Arc<Unconfigured>>, headers: HeaderMap) -> Answer {
    health::alive(&headers, &*host.clock, host.version)
}

/// The request is not read; Stripe may send it again.
pub(crate) async fn refuse(State(host): State<Arc<Unconfigured>>) -> Answer {
    let answer = Answer::Unavailable(format!("configuration: {}", host.problem));
    let status = answer.status().as_u16();
    tracing::error!(
        outcome = LogOutcome::Unavailable.name(),
        status,
        reason = LogReason::Misconfigured.name(),
        "nothing is taken: the configuration cannot be used"
    );
    answer
}
