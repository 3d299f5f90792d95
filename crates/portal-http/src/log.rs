//! Log lines of what goes on beside the requests, the same on every host.

use portal_domain::errand::Done;
use portal_domain::tell::Telling;
use portal_domain::{Event, fetch};

/// Logs what came of fetching the object of a thin event.
pub fn log_fetched(outcome: &fetch::Outcome) {
    let Event { id, event_type, livemode, .. } = &outcome.event;
    let (event_id, event_type) = (id.as_str(), event_type.as_str());
    match &outcome.fetched {
        Ok(()) => tracing::debug!(event_id, event_type, livemode, outcome = "fetched"),
        Err((why, at)) => {
            let reason = why.name();
            tracing::warn!(event_id, event_type, livemode, outcome = "not_fetched", reason, %at);
        }
    }
}

/// Logs what the errand at Stripe has come to.
pub fn log_done(done: &Done) {
    match done {
        Done::Polled { unseen: Some((look, why)), .. } => {
            tracing::warn!(outcome = "not_polled", look = look.name(), reason = why.name());
        }
        Done::Polled { events_recorded: 0, unseen: None } => tracing::debug!(outcome = "polled"),
        Done::Polled { events_recorded: events, unseen: None } => {
            tracing::warn!(outcome = "reconciled", events);
        }
        Done::Reported { number, report } => {
            let (verdict, shown, here) = (report.verdict().name(), report.shown, report.here());
            let (repaired, open) = (report.repaired, report.open);
            tracing::info!(outcome = "reported", number, verdict, shown, here, repaired, open);
        }
        Done::EndpointSeen(Ok(problems)) => {
            tracing::debug!(outcome = "endpoint_seen");
            for it in problems {
                tracing::warn!(outcome = "endpoint_unwell", problem = it.problem.name());
            }
        }
        Done::EndpointSeen(Err(why)) => {
            tracing::warn!(outcome = "endpoint_not_seen", reason = why.name());
        }
    }
}

/// Logs what became of a notice for `channel`.
pub fn log_told(channel: &str, telling: &Telling) {
    let (alert, action) = (telling.notice.alert.kind(), telling.notice.action.name());
    match &telling.told {
        Ok(()) => tracing::info!(outcome = "told", channel, alert, action),
        Err(why) => {
            let reason = why.name();
            tracing::warn!(outcome = "not_told", channel, alert, action, reason, error = %why);
        }
    }
}
