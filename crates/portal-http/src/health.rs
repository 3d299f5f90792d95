//! `GET /health` and `GET /health/ready`.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use http::header::ACCEPT;
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::signature::ClocksApart;
use portal_domain::{Clock, Ready, UnixSeconds};
use serde_json::{Value, json};

use crate::App;
use crate::answer::Answer;

/// 2026-01-01T00:00:00Z. A clock before this program was written is wrong, and then every signature
/// is outside its tolerance.
const EARLIEST_SECONDS: i64 = 1_767_225_600;

/// Answers that the service is alive, and uses nothing but the clock.
pub(crate) async fn live(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    alive(&headers, &*app.clock, app.version)
}

/// Answers that the host is alive, whether it is ready or not.
pub(crate) fn alive(headers: &HeaderMap, clock: &dyn Clock, version: &str) -> Answer {
    let accepts = headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !accepts.contains("application/json") {
        return Answer::Ok;
    }
    Answer::Health(json!({
        "service": "donation-portal",
        "status": "ok",
        "version": version,
        "timestamp": clock.now().to_string(),
    }))
}

/// Answers if an event could be recorded now, and if its signature would count as recent.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answer {
    let Ready { backlog, clock_ahead_seconds, channel_fails } = match app.inbox.ready().await {
        Ok(ready) => ready,
        Err(unavailable) => {
            tracing::error!(outcome = LogOutcome::NotReady.name(), reason = unavailable.name(), error = %unavailable, "no event can be recorded now");
            return Answer::Unavailable(format!("store: {}", unavailable.name()));
        }
    };
    let dead = backlog.dead;
    if dead > app.dead_events_max {
        tracing::error!(
            outcome = LogOutcome::NotReady.name(),
            reason = LogReason::EventsDead.name(),
            dead,
            "too many events are dead"
        );
        return Answer::Unavailable(format!("dead: {dead} events are dead"));
    }
    if wrong(app.clock.now()) {
        tracing::error!(
            outcome = LogOutcome::NotReady.name(),
            reason = LogReason::ClockWrong.name(),
            "the time of day is in the past"
        );
        return Answer::Unavailable("clock: the time of day is in the past; check NTP".into());
    }
    let ahead_seconds = clock_ahead_seconds.unwrap_or_default();
    match app.receiver.tolerance.judge_clocks(ahead_seconds) {
        ClocksApart::Little => {}
        ClocksApart::Much => tracing::warn!(
            outcome = LogOutcome::ClocksApart.name(),
            ahead_seconds,
            "this clock and the database's differ"
        ),
        ClocksApart::TooMuch => {
            tracing::error!(
                outcome = LogOutcome::NotReady.name(),
                reason = LogReason::ClocksApart.name(),
                ahead_seconds,
                "this clock and the database's differ too much"
            );
            return Answer::Unavailable(format!(
                "clock: {ahead_seconds} s ahead of the database's; check NTP on both machines"
            ));
        }
    }
    Answer::Health(ready_with(channel_fails, &app.left_out))
}

/// Everybody may ask: names of settings are no secret, but which channel fails, and why, is for
/// operators.
fn ready_with(channel_fails: bool, left_out: &[&'static str]) -> Value {
    let mut degraded = Vec::new();
    degraded.extend((!left_out.is_empty()).then_some("settings"));
    degraded.extend(channel_fails.then_some("channels"));
    match (&degraded[..], left_out) {
        ([], _) => json!({ "status": "ready" }),
        (degraded, []) => json!({ "status": "ready", "degraded": degraded }),
        (degraded, names) => json!({ "status": "ready", "degraded": degraded, "settings": names }),
    }
}

fn wrong(now: UnixSeconds) -> bool {
    now.get() < EARLIEST_SECONDS
}
