//! The monitor: judges from numbers which alerts are raised.

use std::ops::AddAssign;

use jiff::SignedDuration;

use crate::alert::{Alert, AlertChange, LikelyCause, SIGNATURE_REFUSALS, SILENCE};
use crate::ports::DeliveryHistory;
use crate::receive::Refusal;
use crate::signature::SignatureRefusal;
use crate::time::UnixSeconds;

/// The default number of dead events above which the service is not ready.
pub const DEAD_EVENTS_MAX: u64 = 100;

/// The length of the history that shows the usual silence.
pub const PAST: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The least history by which a silence is judged, so that it has nights and a Sunday.
const PAST_SHOWN_SECONDS_MIN: i64 = 7 * 24 * 3600;

/// The least number of events by which a silence is judged.
const PAST_EVENTS_MIN: u64 = 50;

/// The least silence that raises an alert.
const SILENCE_SECONDS_MIN: i64 = 3600;

/// The time within which refusals are counted together.
pub const REFUSAL_WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// So many refusals in a window are a burst. Stripe repeats a refused event after minutes and hours,
/// so a wrong secret reaches this soon on a portal with some traffic.
const REFUSALS_MIN: u64 = 5;

/// Raises an alert if no event has come for twice the longest silence of the past month.
/// Returns nothing if the history is too short.
#[must_use]
pub fn of_silence(past: &DeliveryHistory, now: UnixSeconds) -> Option<AlertChange> {
    let (first, last) = (past.first_received_at?, past.last_received_at?);
    if last.since(first) < PAST_SHOWN_SECONDS_MIN || past.events < PAST_EVENTS_MIN {
        return None;
    }
    let usual_seconds = past.longest_gap_seconds;
    let too_long = usual_seconds.saturating_mul(2).max(SILENCE_SECONDS_MIN);
    Some(if now.since(last) > too_long {
        AlertChange::Raise(Alert::Silence { last_received_at: last, usual_seconds })
    } else {
        AlertChange::Resolve(SILENCE.into())
    })
}

/// Refused signatures, counted within a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// No configured secret fits.
    pub wrong_secret: u64,
    /// Outside the tolerance.
    pub clock: u64,
    /// No header, or none that Stripe would send.
    pub malformed: u64,
}

impl AddAssign for Refusals {
    fn add_assign(&mut self, other: Self) {
        let Self { wrong_secret, clock, malformed } = other;
        self.wrong_secret += wrong_secret;
        self.clock += clock;
        self.malformed += malformed;
    }
}

impl Refusals {
    /// Counts one refusal.
    pub fn count(&mut self, refusal: Refusal) {
        match refusal {
            Refusal::Signature(SignatureRefusal::NoMatch) => self.wrong_secret += 1,
            Refusal::Signature(SignatureRefusal::TimestampOutsideTolerance { .. }) => {
                self.clock += 1;
            }
            Refusal::Signature(_) => self.malformed += 1,
            // Signed: not about the signature.
            Refusal::NotAnEvent(_) => {}
        }
    }

    /// Judges the refusals of a window. They are those of one process, so that few of them are an end
    /// only where nobody has noticed many at `since` or later.
    #[must_use]
    pub fn judge(self, since: UnixSeconds) -> AlertChange {
        let Self { wrong_secret, clock, malformed } = self;
        let count = wrong_secret + clock + malformed;
        if count < REFUSALS_MIN {
            return AlertChange::ResolveIfQuietSince { key: SIGNATURE_REFUSALS.into(), since };
        }
        // A cause that loses donations is named before one that does not.
        let cause = if clock >= wrong_secret.max(malformed) {
            LikelyCause::Clock
        } else if wrong_secret >= malformed {
            LikelyCause::WrongSecret
        } else {
            LikelyCause::Scanner
        };
        let window_seconds = REFUSAL_WINDOW.as_secs();
        AlertChange::Raise(Alert::SignatureRefusals { count, window_seconds, cause })
    }
}

#[cfg(test)]
mod tests {
    use super::{PAST_EVENTS_MIN, REFUSAL_WINDOW, Refusals, of_silence};
    use crate::alert::{Alert, AlertChange, LikelyCause, SIGNATURE_REFUSALS};
    use crate::ports::DeliveryHistory;
    use crate::time::UnixSeconds;

    const DAY: i64 = 24 * 3600;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    fn a_past() -> DeliveryHistory {
        DeliveryHistory {
            events: PAST_EVENTS_MIN,
            first_received_at: Some(at(0)),
            last_received_at: Some(at(8 * DAY)),
            longest_gap_seconds: 5 * 3600,
            ..DeliveryHistory::default()
        }
    }

    #[test]
    fn twice_the_longest_silence_is_too_long() {
        let silent_for = |hours: i64| of_silence(&a_past(), at(8 * DAY + hours * 3600));
        assert!(matches!(silent_for(10), Some(AlertChange::Resolve(_))));
        assert!(matches!(silent_for(11), Some(AlertChange::Raise(Alert::Silence { .. }))));
    }

    #[test]
    fn a_short_past_says_nothing() {
        let later = at(100 * DAY);
        assert_eq!(of_silence(&DeliveryHistory::default(), later), None);
        let few = DeliveryHistory { events: PAST_EVENTS_MIN - 1, ..a_past() };
        assert_eq!(of_silence(&few, later), None);
        let young = DeliveryHistory { first_received_at: Some(at(2 * DAY)), ..a_past() };
        assert_eq!(of_silence(&young, later), None);
    }

    #[test]
    fn a_busy_portal_is_not_told_of_minutes() {
        let busy = DeliveryHistory { longest_gap_seconds: 60, ..a_past() };
        let silent_for = |seconds: i64| of_silence(&busy, at(8 * DAY + seconds));
        assert!(matches!(silent_for(3600), Some(AlertChange::Resolve(_))));
        assert!(matches!(silent_for(3601), Some(AlertChange::Raise(_))));
    }

    #[test]
    fn the_likely_cause_is_what_was_refused_most() {
        let judge = |wrong_secret, clock, malformed| {
            Refusals { wrong_secret, clock, malformed }.judge(at(0))
        };
        let burst = |cause, count| {
            let window_seconds = REFUSAL_WINDOW.as_secs();
            AlertChange::Raise(Alert::SignatureRefusals { count, window_seconds, cause })
        };
        assert_eq!(judge(5, 0, 0), burst(LikelyCause::WrongSecret, 5));
        assert_eq!(judge(1, 9, 9), burst(LikelyCause::Clock, 19));
        assert_eq!(judge(1, 1, 900), burst(LikelyCause::Scanner, 902));
    }

    #[test]
    fn few_refusals_end_only_what_nobody_else_notices() {
        let few = Refusals { wrong_secret: 2, clock: 1, malformed: 1 };
        let resolves =
            AlertChange::ResolveIfQuietSince { key: SIGNATURE_REFUSALS.into(), since: at(7) };
        assert_eq!(few.judge(at(7)), resolves);
    }
}
