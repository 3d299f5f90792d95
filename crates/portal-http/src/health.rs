//! `GET /health` and `GET /health/ready`.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use http::header::ACCEPT;
use portal_domain::UnixSeconds;
use serde_json::json;

use crate::App;
use crate::answer::Answer;

/// 2026-01-01T00:00:00Z. A clock before this program was written is wrong, and then every signature
/// is outside its tolerance.
const EARLIEST_SECONDS: i64 = 1_767_225_600;

/// Liveness: touches nothing but the clock.
pub(crate) async fn live(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let accepts = headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !accepts.contains("application/json") {
        return Answer::Ok;
    }
    Answer::Health(json!({
        "service": "donation-portal",
        "status": "ok",
        "version": app.version,
        "timestamp": app.clock.now().to_string(),
    }))
}

/// Readiness: whether an event could be recorded now.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answer {
    if let Err(unavailable) = app.inbox.ready().await {
        tracing::error!(outcome = "not_ready", reason = unavailable.name(), error = %unavailable);
        return Answer::Unavailable(format!("store: {}", unavailable.name()));
    }
    if wrong(app.clock.now()) {
        tracing::error!(outcome = "not_ready", reason = "clock_wrong");
        return Answer::Unavailable("clock: the time of day is in the past; check NTP".into());
    }
    Answer::Health(json!({ "status": "ready" }))
}

fn wrong(now: UnixSeconds) -> bool {
    now.get() < EARLIEST_SECONDS
}
