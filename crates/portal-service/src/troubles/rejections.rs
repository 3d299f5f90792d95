//! The log lines about what strangers can send: they shall not decide how many there are.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use portal_domain::log_names::LogOutcome;
use portal_domain::{RequestRejection, UnixSeconds};

/// The least time between two log lines with the numbers of what was rejected.
const LOGGED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The number of rejected deliveries a minute that have a log line of their own: more than a developer
/// or a wrong secret makes, and the same few megabytes a day whatever is sent.
const LINES_EACH_MINUTE: u32 = 100;

/// The numbers of rejected requests and deliveries that are to be logged.
#[derive(Default)]
pub(super) struct Rejections {
    /// Requests that were no deliveries, by [`RequestRejection::ALL`].
    requests: [u64; RequestRejection::ALL.len()],
    requests_logged_at: Option<UnixSeconds>,
    /// The begin of the minute whose deliveries are counted, and how many of these had a line.
    minute: Option<UnixSeconds>,
    lines: u32,
    /// The others, by the reason.
    deliveries: BTreeMap<&'static str, u64>,
}

impl Rejections {
    pub(super) fn request(&mut self, rejection: RequestRejection) {
        for (count, it) in self.requests.iter_mut().zip(RequestRejection::ALL) {
            *count += u64::from(*it == rejection);
        }
    }

    /// Counts a delivery that was rejected at `now`; true if it gets a line of its own.
    pub(super) fn delivery(&mut self, reason: &'static str, now: UnixSeconds) -> bool {
        if is_over(self.minute, now) {
            (self.minute, self.lines) = (Some(now), 0);
        }
        if self.lines < LINES_EACH_MINUTE {
            self.lines += 1;
            return true;
        }
        *self.deliveries.entry(reason).or_default() += 1;
        false
    }

    /// Takes the numbers that are to be logged at `now`.
    pub(super) fn take(&mut self, now: UnixSeconds) -> RejectionCounts {
        let mut taken = RejectionCounts::default();
        if is_over(self.requests_logged_at, now) && self.requests.iter().any(|count| *count > 0) {
            self.requests_logged_at = Some(now);
            taken.requests = Some(std::mem::take(&mut self.requests));
        }
        if is_over(self.minute, now) {
            taken.deliveries = std::mem::take(&mut self.deliveries);
        }
        taken
    }
}

fn is_over(minute: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    minute.is_none_or(|begin| !(0..LOGGED_EVERY.as_secs()).contains(&now.since(begin)))
}

/// Numbers that are to be logged.
#[derive(Default)]
pub(super) struct RejectionCounts {
    requests: Option<[u64; RequestRejection::ALL.len()]>,
    deliveries: BTreeMap<&'static str, u64>,
}

impl RejectionCounts {
    pub(super) fn log(self) {
        if let Some([not_found, method_not_allowed, not_http, head_too_large]) = self.requests {
            tracing::warn!(
                outcome = LogOutcome::RequestsRejected.name(),
                not_found,
                method_not_allowed,
                not_http,
                head_too_large,
                "requests that are no deliveries were rejected"
            );
        }
        for (reason, count) in self.deliveries {
            tracing::warn!(
                outcome = LogOutcome::DeliveriesRejected.name(),
                reason,
                count,
                "more deliveries were rejected than have a line of their own"
            );
        }
    }
}
