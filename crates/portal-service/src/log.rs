//! Log lines of what goes on beside the requests, the same on every host.

use portal_domain::log_names::LogOutcome;
use portal_domain::notify::NotifyAttempt;
use portal_domain::stripe_job::Done;
use portal_domain::{Event, fetch};

/// Logs what came of fetching the object of a thin event.
pub(crate) fn log_fetched(outcome: &fetch::FetchResult) {
    let Event { id, event_type, livemode, .. } = &outcome.event;
    let (event_id, event_type) = (id.as_str(), event_type.as_str());
    match &outcome.fetched {
        Ok(()) => tracing::debug!(
            event_id,
            event_type,
            livemode,
            outcome = LogOutcome::Fetched.name(),
            "the object of a thin event is here"
        ),
        Err((why, at)) => {
            let reason = why.name();
            tracing::warn!(event_id, event_type, livemode, outcome = LogOutcome::FetchFailed.name(), reason, %at, "the object of a thin event could not be fetched");
        }
    }
}

/// Logs what the job at Stripe has come to.
pub(crate) fn log_done(done: &Done) {
    match done {
        Done::Polled { unread: Some((resource, why)), .. } => {
            tracing::warn!(
                outcome = LogOutcome::PollFailed.name(),
                resource = resource.name(),
                reason = why.name(),
                "Stripe could not be asked what happened"
            );
        }
        Done::Polled { events_recorded: 0, unread: None } => {
            tracing::debug!(outcome = LogOutcome::Polled.name(), "nothing was missing at Stripe");
        }
        Done::Polled { events_recorded: events, unread: None } => {
            tracing::warn!(
                outcome = LogOutcome::Reconciled.name(),
                events,
                "events that Stripe had not delivered were recorded"
            );
        }
        Done::Reported { number, report } => {
            let (verdict, shown, here) = (report.verdict().name(), report.shown, report.here());
            let (repaired, open) = (report.repaired, report.open);
            tracing::info!(
                outcome = LogOutcome::Reported.name(),
                number,
                verdict,
                shown,
                here,
                repaired,
                open,
                "a completeness report was filed"
            );
        }
        Done::EndpointSeen(Ok(problems)) => {
            tracing::debug!(
                outcome = LogOutcome::EndpointChecked.name(),
                "the endpoint at Stripe was checked"
            );
            for it in problems {
                tracing::warn!(
                    outcome = LogOutcome::EndpointProblem.name(),
                    problem = it.problem.name(),
                    "the endpoint at Stripe is not as it should be"
                );
            }
        }
        Done::EndpointSeen(Err(why)) => {
            tracing::warn!(
                outcome = LogOutcome::EndpointCheckFailed.name(),
                reason = why.name(),
                "the endpoint at Stripe could not be checked"
            );
        }
    }
}

/// Logs what became of a notification for `channel`.
pub(crate) fn log_notified(channel: &str, attempt: &NotifyAttempt) {
    let (alert, action) = (attempt.notification.alert.kind(), attempt.notification.action.name());
    match &attempt.notified {
        Ok(()) => {
            tracing::info!(
                outcome = LogOutcome::Notified.name(),
                channel,
                alert,
                action,
                "a channel was notified"
            );
        }
        Err(why) => {
            let reason = why.name();
            tracing::warn!(outcome = LogOutcome::NotifyFailed.name(), channel, alert, action, reason, error = %why, "a channel did not take a notification");
        }
    }
}
