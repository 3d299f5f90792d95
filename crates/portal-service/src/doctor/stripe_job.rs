//! The job that polls Stripe for events.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_domain::stripe_job::{self, StripeJobState};
use portal_domain::{Store, Text, UnixSeconds, text};
use portal_outbound::{Language, duration};

use super::finding::{Check, CheckFinding};
use crate::period::text_in_zone;

/// The age of the last poll from which on it is a warning: the server polls every few minutes.
const OLD: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn check(
    store: &dyn Store,
    livemode: bool,
    zone: &TimeZone,
    now: UnixSeconds,
) -> CheckFinding {
    let what = text!(
        "read the state of the job that polls Stripe",
        "Stripe に照会するジョブの状態を読み取れません"
    );
    match store.job_state(stripe_job::name(livemode)).await {
        Ok(state) => judge(StripeJobState::read(state.as_deref()).reached, zone, now),
        Err(error) => CheckFinding::store_failed(Check::Job, &what, &error),
    }
}

fn judge(reached: Option<UnixSeconds>, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    let advice = text!(
        "check whether the server runs with this key; `poll_failed` in its log has the reason",
        "サーバーがこのキーで動いているかを確認してください。理由はログの `poll_failed` にあります"
    );
    let Some(reached) = reached else {
        let never = text!("Stripe was never polled", "Stripe に一度も照会していません");
        return CheckFinding::warning(Check::Job, never, advice);
    };
    let seconds = now.since(reached).max(0);
    let [age, age_ja] = Language::ALL.map(|language| duration(seconds, language));
    let Text { en, ja } = text_in_zone(reached, zone);
    let found = text!(
        "Stripe was polled for all events until {en}, {age} ago",
        "Stripe のイベントは、{ja}（{age_ja}前）までのものをすべて照会済みです"
    );
    if seconds > OLD.as_secs() {
        CheckFinding::warning(Check::Job, found, advice)
    } else {
        CheckFinding::ok(Check::Job, found)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};
    use portal_domain::UnixSeconds;

    use super::super::finding::Level;
    use super::judge;

    #[test]
    fn no_poll_for_an_hour_is_a_warning() {
        let at = |second| UnixSeconds::new(second).unwrap();
        assert_eq!(judge(Some(at(1000)), &TimeZone::UTC, at(4600)).level, Level::Ok);
        assert_eq!(judge(Some(at(1000)), &TimeZone::UTC, at(4601)).level, Level::Warning);
        assert_eq!(judge(Some(at(1000)), &TimeZone::UTC, at(900)).level, Level::Ok);
        assert_eq!(judge(None, &TimeZone::UTC, at(4600)).level, Level::Warning);
    }

    #[test]
    fn the_age_of_the_last_poll_is_named() {
        let at = |second| UnixSeconds::new(second).unwrap();
        let tokyo = TimeZone::fixed(Offset::constant(9));
        let found = judge(Some(at(1000)), &tokyo, at(1190)).found.en;
        assert!(found.ends_with("until 1970-01-01 09:16:40 +09:00, 3 min ago"), "{found}");
    }
}
