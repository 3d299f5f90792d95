//! What a host answers whose configuration is wrong: it lives, and takes nothing.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use portal_domain::Clock;

use crate::answer::Answer;
use crate::health;

/// What the handlers work with.
pub(crate) struct Unconfigured {
    pub(crate) problem: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) version: &'static str,
}

pub(crate) async fn live(State(host): State<Arc<Unconfigured>>, headers: HeaderMap) -> Answer {
    health::alive(&headers, &*host.clock, host.version)
}

/// Nothing is read, so nothing is told apart: whatever it was, it may come again.
pub(crate) async fn refuse(State(host): State<Arc<Unconfigured>>) -> Answer {
    let answer = Answer::Unavailable(format!("configuration: {}", host.problem));
    let status = answer.status().as_u16();
    tracing::error!(
        outcome = "unavailable",
        status,
        reason = "misconfigured",
        "nothing is taken: the configuration cannot be used"
    );
    answer
}
