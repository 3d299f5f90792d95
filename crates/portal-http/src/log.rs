//! Log lines of what goes on beside the requests, the same on every host.

use portal_domain::Event;
use portal_domain::settle::{Outcome, Result};
use portal_domain::tell::Telling;

/// Logs what became of a claimed event.
pub fn log_settled(outcome: &Outcome) {
    let Event { id, event_type, livemode, attempts, .. } = &outcome.event;
    let (event_id, event_type) = (id.as_str(), event_type.as_str());
    match outcome.result {
        Result::Settled => {
            tracing::debug!(event_id, event_type, livemode, outcome = "settled", attempts);
        }
        Result::Stale => {
            tracing::info!(event_id, event_type, livemode, outcome = "stale", attempts);
        }
        Result::Retry(at) => {
            tracing::warn!(event_id, event_type, livemode, outcome = "retry", attempts, %at);
        }
        Result::Dead(why) => {
            let reason = why.name();
            tracing::error!(event_id, event_type, livemode, outcome = "dead", attempts, reason);
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
