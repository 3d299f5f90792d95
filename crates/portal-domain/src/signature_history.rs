//! The signatures of the last days: which secrets they were made with, and why some were refused.
//!
//! It is counted in memory, so that the intake pays nothing for it, and kept as the state of a job, so
//! that every replica knows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ports::{Store, StoreError};
use crate::receive::Refusal;
use crate::signature::SignatureRefusal;
use crate::time::UnixSeconds;

/// The name of the job. Its state is a [`SignatureHistory`] as JSON.
pub const SIGNATURES_JOB: &str = "signatures";

/// The days over which a secret is judged before it may be removed.
pub const DAYS_JUDGED: i64 = 3;

/// The seconds of a day, and of the time for which refusals are counted together.
const DAY: i64 = 24 * 3600;
const REFUSALS_TOGETHER: i64 = 600;

/// The time for which refusals are shown, in seconds.
const REFUSALS_SHOWN: i64 = 3600;

/// The most secrets whose last match is kept: twice as many as can be configured.
const SECRETS_KEPT: usize = 16;

/// The signatures of the last days, in sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignatureHistory {
    /// The last match of each secret, by its fingerprint.
    last: BTreeMap<Box<str>, UnixSeconds>,
    /// Accepted deliveries by the day since 1970.
    days: BTreeMap<i64, AcceptedOfDay>,
    /// Refused deliveries by ten minutes since 1970, and by the reason.
    refused: BTreeMap<i64, BTreeMap<Box<str>, u64>>,
}

/// The accepted deliveries of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct AcceptedOfDay {
    all: u64,
    /// Those that a secret has signed, by its fingerprint.
    signed: BTreeMap<Box<str>, u64>,
}

/// The use of one secret in the last days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecretUse {
    pub last_matched_at: Option<UnixSeconds>,
    /// The number of accepted deliveries that it has signed, of `accepted` ones.
    pub signed: u64,
    pub accepted: u64,
    /// It has signed before, and for [`DAYS_JUDGED`] days another one has signed all that came.
    pub may_be_removed: bool,
}

impl SignatureHistory {
    /// Reads the history from the store.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        Ok(Self::from_json(store.job_state(SIGNATURES_JOB).await?.as_deref()))
    }

    /// Returns the history of a state of the job; one that cannot be read begins anew.
    #[must_use]
    pub fn from_json(state: Option<&str>) -> Self {
        state.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default()
    }

    /// Counts `count` accepted deliveries that the secrets with these fingerprints have signed.
    pub fn accepted<'f>(
        &mut self,
        count: u64,
        signed_with: impl IntoIterator<Item = &'f str>,
        now: UnixSeconds,
    ) {
        let day = self.days.entry(now.get() / DAY).or_default();
        day.all += count;
        for fingerprint in signed_with {
            *day.signed.entry(fingerprint.into()).or_default() += count;
            self.last.insert(fingerprint.into(), now);
        }
    }

    /// Counts a refused delivery. The tests of `doctor` do not count.
    pub fn refused(&mut self, refusal: Refusal, now: UnixSeconds) {
        if refusal != Refusal::Signature(SignatureRefusal::SelfTest) {
            let together = self.refused.entry(now.get() / REFUSALS_TOGETHER).or_default();
            *together.entry(refusal.name().into()).or_default() += 1;
            // Perhaps nobody takes what is counted.
            self.forget_old(now);
        }
    }

    /// True if nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.refused.is_empty()
    }

    /// True if a delivery was accepted.
    #[must_use]
    pub fn has_accepted(&self) -> bool {
        !self.days.is_empty()
    }

    /// Adds what another process has counted, and forgets what is old at `now`.
    pub fn merge(&mut self, other: Self, now: UnixSeconds) {
        for (fingerprint, at) in other.last {
            let last = self.last.entry(fingerprint).or_default();
            *last = at.max(*last);
        }
        for (day, counted) in other.days {
            let sum = self.days.entry(day).or_default();
            sum.all += counted.all;
            add(&mut sum.signed, counted.signed);
        }
        for (time, counted) in other.refused {
            add(self.refused.entry(time).or_default(), counted);
        }
        self.forget_old(now);
    }

    fn forget_old(&mut self, now: UnixSeconds) {
        self.days.retain(|day, _| *day >= first_day(now));
        self.refused.retain(|time, _| *time >= first_refusals(now));
        while self.last.len() > SECRETS_KEPT {
            let oldest = self.last.iter().min_by_key(|it| it.1).map(|it| it.0.clone());
            oldest.and_then(|it| self.last.remove(&it));
        }
    }

    /// Returns the use of the secrets with these fingerprints, in their order, of today and the
    /// [`DAYS_JUDGED`] days before.
    #[must_use]
    pub fn uses(&self, configured: &[Box<str>], now: UnixSeconds) -> Vec<SecretUse> {
        let days = || self.days.range(first_day(now)..).map(|it| it.1);
        let accepted = days().map(|it| it.all).sum();
        let signed = |secret: &str| days().filter_map(|it| it.signed.get(secret)).sum::<u64>();
        let one_suffices = accepted > 0 && configured.iter().any(|it| signed(it) == accepted);
        let of_secret = |secret: &str| {
            let (signed, last_matched_at) = (signed(secret), self.last.get(secret).copied());
            // One that never matched may be the new one, which Stripe does not sign with yet.
            let was_replaced = signed == 0 && last_matched_at.is_some();
            SecretUse {
                last_matched_at,
                signed,
                accepted,
                may_be_removed: was_replaced && one_suffices,
            }
        };
        configured.iter().map(|it| of_secret(it)).collect()
    }

    /// Returns the refused deliveries of about the last hour, by the reason.
    #[must_use]
    pub fn refused_lately(&self, now: UnixSeconds) -> BTreeMap<Box<str>, u64> {
        let mut sum = BTreeMap::new();
        for (_, counted) in self.refused.range(first_refusals(now)..) {
            add(&mut sum, counted.clone());
        }
        sum
    }
}

fn first_day(now: UnixSeconds) -> i64 {
    now.get() / DAY - DAYS_JUDGED
}

fn first_refusals(now: UnixSeconds) -> i64 {
    (now.get() - REFUSALS_SHOWN) / REFUSALS_TOGETHER
}

fn add(sum: &mut BTreeMap<Box<str>, u64>, counted: BTreeMap<Box<str>, u64>) {
    for (name, count) in counted {
        *sum.entry(name).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, SignatureHistory};
    use crate::receive::Refusal;
    use crate::signature::SignatureRefusal;
    use crate::time::UnixSeconds;

    /// A day's beginning.
    const START: i64 = 20_000 * DAY;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(START + seconds).unwrap()
    }

    /// Returns which of the secrets `old` and `new` may be removed.
    fn removable(history: &SignatureHistory, now: i64) -> [bool; 2] {
        let uses = history.uses(&["old".into(), "new".into()], at(now));
        [uses[0].may_be_removed, uses[1].may_be_removed]
    }

    #[test]
    fn a_secret_may_be_removed_when_another_has_signed_all_for_three_days() {
        let mut history = SignatureHistory::default();
        history.accepted(5, ["old"], at(0));
        history.accepted(3, ["old", "new"], at(60));
        assert_eq!(removable(&history, 3 * DAY), [false, false]);
        let days_later = 4 * DAY;
        history.accepted(1, ["new"], at(days_later));
        history.merge(SignatureHistory::default(), at(days_later));
        assert_eq!(removable(&history, days_later), [true, false]);
        let old = history.uses(&["old".into()], at(days_later))[0];
        assert_eq!((old.last_matched_at, old.signed, old.accepted), (Some(at(60)), 0, 1));
    }

    #[test]
    fn while_stripe_signs_with_both_none_may_be_removed() {
        let mut history = SignatureHistory::default();
        history.accepted(1, ["old", "new"], at(0));
        history.accepted(1, ["old", "new"], at(3 * DAY));
        assert_eq!(removable(&history, 3 * DAY), [false, false]);
    }

    #[test]
    fn a_secret_that_never_matched_may_be_the_new_one() {
        let mut history = SignatureHistory::default();
        history.accepted(1, ["old"], at(0));
        assert_eq!(removable(&history, 3 * DAY), [false, false]);
        assert_eq!(removable(&history, 9 * DAY), [false, false], "nothing came lately");
        history.accepted(1, ["old", "new"], at(9 * DAY));
        assert_eq!(removable(&history, 9 * DAY), [false, false], "it is being rotated");
    }

    #[test]
    fn what_replicas_have_counted_is_added_up() {
        let (mut one, mut other) = <(SignatureHistory, SignatureHistory)>::default();
        one.accepted(2, ["new"], at(10));
        other.accepted(3, ["new"], at(5));
        other.accepted(1, [], at(7));
        one.merge(other, at(10));
        let new = one.uses(&["new".into()], at(10))[0];
        assert_eq!((new.last_matched_at, new.signed, new.accepted), (Some(at(10)), 5, 6));
        let kept = serde_json::to_string(&one).unwrap();
        assert_eq!(SignatureHistory::from_json(Some(&kept)), one);
    }

    #[test]
    fn refusals_of_the_last_hour_are_counted_by_their_reason() {
        let refused = |history: &mut SignatureHistory, refusal, now| {
            history.refused(Refusal::Signature(refusal), at(now));
        };
        let mut history = SignatureHistory::default();
        refused(&mut history, SignatureRefusal::SelfTest, 0);
        assert!(history.is_empty());
        refused(&mut history, SignatureRefusal::NoMatch, 0);
        refused(&mut history, SignatureRefusal::NoMatch, 3600);
        refused(&mut history, SignatureRefusal::NoHeader, 3601);
        let lately = |now| Vec::from_iter(history.refused_lately(at(now)));
        assert_eq!(lately(3601), [("no_header".into(), 1), ("no_match".into(), 2)]);
        assert_eq!(lately(4200), [("no_header".into(), 1), ("no_match".into(), 1)]);
    }

    #[test]
    fn it_keeps_a_bounded_number_of_secrets_and_days() {
        let mut history = SignatureHistory::default();
        for day in 0..40 {
            history.accepted(1, [format!("secret {day}").as_str()], at(day * DAY));
            history.merge(SignatureHistory::default(), at(day * DAY));
        }
        assert_eq!((history.last.len(), history.days.len()), (16, 4));
        assert!(history.last.contains_key("secret 39") && !history.last.contains_key("secret 23"));
    }
}
