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

/// Returns the silence that raises an alert, in seconds: twice the longest of the past month. Returns
/// nothing if the history is too short.
#[must_use]
pub fn silence_limit(past: &DeliveryHistory) -> Option<i64> {
    let (first, last) = (past.first_received_at?, past.last_received_at?);
    if last.since(first) < PAST_SHOWN_SECONDS_MIN || past.events < PAST_EVENTS_MIN {
        return None;
    }
    Some(past.longest_gap_seconds.saturating_mul(2).max(SILENCE_SECONDS_MIN))
}

/// Raises an alert if no event has come for longer than [`silence_limit`].
#[must_use]
pub fn of_silence(past: &DeliveryHistory, now: UnixSeconds) -> Option<AlertChange> {
    let (too_long, last) = (silence_limit(past)?, past.last_received_at?);
    let usual_seconds = past.longest_gap_seconds;
    Some(if now.since(last) > too_long {
        AlertChange::Raise(Alert::Silence { last_received_at: last, usual_seconds })
    } else {
        AlertChange::Resolve(SILENCE.into())
    })
}

/// Refused signatures, counted within a window, and what was accepted beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// No configured secret fits.
    pub wrong_secret: u64,
    /// Outside the tolerance.
    pub clock: u64,
    /// No header, or none that Stripe would send.
    pub malformed: u64,
    /// The deliveries with a valid signature that were accepted since the first of these refusals.
    pub accepted: u64,
    /// The age of the last signature that was outside the tolerance, in seconds: by so much this clock is
    /// ahead of Stripe's, or behind if it is negative.
    pub ahead_seconds: Option<i64>,
}

impl AddAssign for Refusals {
    fn add_assign(&mut self, other: Self) {
        let Self { wrong_secret, clock, malformed, accepted, ahead_seconds } = other;
        self.wrong_secret += wrong_secret;
        self.clock += clock;
        self.malformed += malformed;
        self.accepted += accepted;
        self.ahead_seconds = ahead_seconds.or(self.ahead_seconds);
    }
}

impl Refusals {
    /// Counts one refusal.
    pub fn count(&mut self, refusal: Refusal) {
        match refusal {
            Refusal::Signature(SignatureRefusal::NoMatch) => self.wrong_secret += 1,
            Refusal::Signature(SignatureRefusal::TimestampOutsideTolerance { age_seconds }) => {
                self.clock += 1;
                self.ahead_seconds = Some(age_seconds);
            }
            Refusal::Signature(SignatureRefusal::NoHeader | SignatureRefusal::MalformedHeader) => {
                self.malformed += 1;
            }
            // A test of our own; and what is signed is not about the signature.
            Refusal::Signature(SignatureRefusal::SelfTest) | Refusal::NotAnEvent(_) => {}
        }
    }

    /// Returns the number of refusals.
    #[must_use]
    pub fn sum(self) -> u64 {
        self.wrong_secret + self.clock + self.malformed
    }

    /// Judges the refusals of a window. They are those of one process, so that few of them are an end
    /// only where nobody has noticed many at `since` or later.
    #[must_use]
    pub fn judge(self, since: UnixSeconds) -> AlertChange {
        let (count, cause) = (self.sum(), self.likely_cause());
        if count < REFUSALS_MIN {
            return AlertChange::ResolveIfQuietSince { key: SIGNATURE_REFUSALS.into(), since };
        }
        AlertChange::Raise(Alert::SignatureRefusals {
            count,
            accepted: self.accepted,
            window_seconds: REFUSAL_WINDOW.as_secs(),
            cause,
            ahead_seconds: self.ahead_seconds.filter(|_| cause == LikelyCause::Clock),
        })
    }

    /// A cause that loses donations is named before one that does not, however much of the other a
    /// stranger sends. A signature that is right but old cannot be forged; one that matches nothing can,
    /// and what is accepted meanwhile proves that the secret is right.
    fn likely_cause(self) -> LikelyCause {
        let Self { wrong_secret, clock, malformed, accepted, .. } = self;
        if clock >= REFUSALS_MIN || clock >= wrong_secret.max(malformed) {
            LikelyCause::Clock
        } else if accepted == 0 && (wrong_secret >= REFUSALS_MIN || wrong_secret >= malformed) {
            LikelyCause::WrongSecret
        } else if wrong_secret >= malformed {
            LikelyCause::Forged
        } else {
            LikelyCause::Scanner
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PAST_EVENTS_MIN, Refusals, of_silence};
    use crate::alert::{Alert, AlertChange, LikelyCause, SIGNATURE_REFUSALS};
    use crate::ports::DeliveryHistory;
    use crate::receive::Refusal;
    use crate::signature::SignatureRefusal;
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

    fn cause(refusals: Refusals) -> (LikelyCause, u64, u64) {
        let raised = refusals.judge(at(0));
        let AlertChange::Raise(Alert::SignatureRefusals { cause, count, accepted, .. }) = raised
        else {
            panic!("{raised:?}");
        };
        (cause, count, accepted)
    }

    #[test]
    fn the_likely_cause_is_what_was_refused_most_unless_another_loses_donations() {
        let of = |wrong_secret, clock, malformed| {
            cause(Refusals { wrong_secret, clock, malformed, ..Refusals::default() })
        };
        assert_eq!(of(5, 0, 0), (LikelyCause::WrongSecret, 5, 0));
        assert_eq!(of(1, 1, 900), (LikelyCause::Scanner, 902, 0));
        assert_eq!(of(5, 1, 900), (LikelyCause::WrongSecret, 906, 0));
        assert_eq!(of(900, 5, 900), (LikelyCause::Clock, 1805, 0));
    }

    #[test]
    fn beside_accepted_deliveries_what_matches_nothing_is_forged() {
        let of = |wrong_secret, clock, malformed| {
            let ahead_seconds = None;
            cause(Refusals { wrong_secret, clock, malformed, accepted: 14, ahead_seconds })
        };
        assert_eq!(of(2000, 0, 0), (LikelyCause::Forged, 2000, 14));
        assert_eq!(of(5, 0, 900), (LikelyCause::Scanner, 905, 14));
        assert_eq!(of(2000, 5, 0), (LikelyCause::Clock, 2005, 14));
    }

    #[test]
    fn a_wrong_clock_is_ahead_by_the_age_of_the_last_signature() {
        let mut refusals = Refusals::default();
        for age_seconds in [601, 602, 600, 599, 600] {
            refusals.count(Refusal::Signature(SignatureRefusal::TimestampOutsideTolerance {
                age_seconds,
            }));
        }
        let raised = refusals.judge(at(0));
        let AlertChange::Raise(Alert::SignatureRefusals { ahead_seconds, .. }) = raised else {
            panic!("{raised:?}");
        };
        assert_eq!(ahead_seconds, Some(600));
    }

    #[test]
    fn a_test_of_doctor_is_no_refusal() {
        let mut refusals = Refusals::default();
        refusals.count(Refusal::Signature(SignatureRefusal::SelfTest));
        assert_eq!(refusals, Refusals::default());
    }

    #[test]
    fn few_refusals_end_only_what_nobody_else_notices() {
        let few = Refusals { wrong_secret: 2, clock: 1, malformed: 1, ..Refusals::default() };
        let resolves =
            AlertChange::ResolveIfQuietSince { key: SIGNATURE_REFUSALS.into(), since: at(7) };
        assert_eq!(few.judge(at(7)), resolves);
    }
}
