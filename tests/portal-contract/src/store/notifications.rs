//! Notifications that are due to channels, and their leases.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::Action::{Resolve, Trigger};
use portal_domain::alert::{COOL_DOWN, LikelyCause};
use portal_domain::notify::{
    CAUSE_EVERY, END_DELAY, END_DELAYS_MAX, NEWS_FOR, NOTIFICATION_LEASE, SERIES,
};
use portal_domain::{
    Action, Alert, AlertChange, AlertFilter, LeasedNotification, Store, UnixSeconds,
};

use crate::fixtures::later;

const SLACK: &str = "slack-1";

fn trouble() -> Alert {
    Alert::EventsNotDelivered { events: 1, oldest_seconds: 400 }
}

async fn noticed(store: &dyn Store, alert: Alert, second: i64) {
    assert_eq!(store.raise(&[AlertChange::Raise(alert)], later(second)).await, Ok(()));
}

async fn ended(store: &dyn Store, alert: Alert, second: i64) {
    assert_eq!(store.raise(&[AlertChange::Resolve(alert.key())], later(second)).await, Ok(()));
}

async fn claim(store: &dyn Store, channel: &str, second: i64) -> Option<LeasedNotification> {
    store.lease_notification(channel, NOTIFICATION_LEASE, later(second)).await.expect("claimed")
}

async fn finish(
    store: &dyn Store,
    channel: &str,
    claimed: &LeasedNotification,
    sent: Result<(), UnixSeconds>,
    second: i64,
) {
    let outcome = claimed.outcome(sent);
    assert_eq!(store.finish_notification(channel, &outcome, later(second)).await, Ok(()));
}

/// Leases the due notification and marks it as sent.
async fn notify(store: &dyn Store, channel: &str, second: i64) -> Option<(String, Action)> {
    let claimed = claim(store, channel, second).await?;
    let action = claimed.notification.action;
    finish(store, channel, &claimed, Ok(()), second).await;
    Some((claimed.notification.key, action))
}

fn notified(alert: &Alert, action: Action) -> Option<(String, Action)> {
    Some((alert.key(), action))
}

/// There are no alerts.
pub(crate) async fn a_channel_of_a_fresh_store_is_notified_nothing(store: &dyn Store) {
    assert_eq!(claim(store, SLACK, 0).await, None);
}

/// The notification has all values, and is due once.
pub(crate) async fn a_new_trouble_is_notified_once(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    noticed(store, trouble(), 3).await;
    let claimed = claim(store, SLACK, 5).await;
    let notification = claimed
        .as_ref()
        .map(|it| (&it.notification.alert, it.notification.action, it.notification.count));
    assert_eq!(notification, Some((&trouble(), Trigger, 2)));
    assert_eq!(
        claimed.as_ref().map(|it| (it.notification.since, it.attempts)),
        Some((later(0), 1))
    );
    if let Some(claimed) = claimed {
        finish(store, SLACK, &claimed, Ok(()), 5).await;
    }
    assert_eq!(claim(store, SLACK, 6).await, None);
    assert_eq!(claim(store, SLACK, 100_000).await, None);
}

/// Each channel has its own notifications, and the list of alerts names the notified channels.
pub(crate) async fn channels_are_notified_independently(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    assert_eq!(notify(store, SLACK, 1).await, notified(&trouble(), Trigger));
    assert_eq!(notify(store, "discord-1", 2).await, notified(&trouble(), Trigger));
    assert_eq!(notify(store, "discord-1", 3).await, None);
    let known =
        store.alerts(AlertFilter::All, 1).await.unwrap_or_default().pop().map(|it| it.notified);
    assert_eq!(known, Some(vec!["discord-1".to_owned(), SLACK.to_owned()]));
    ended(store, trouble(), 10).await;
    assert_eq!(notify(store, SLACK, 11).await, notified(&trouble(), Resolve));
    let known =
        store.alerts(AlertFilter::All, 1).await.unwrap_or_default().pop().map(|it| it.notified);
    assert_eq!(known, Some(vec![SLACK.to_owned()]));
}

/// The oldest change comes first.
pub(crate) async fn the_oldest_is_notified_first(store: &dyn Store) {
    let silence = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    noticed(store, silence.clone(), 2).await;
    noticed(store, trouble(), 1).await;
    assert_eq!(notify(store, SLACK, 3).await, notified(&trouble(), Trigger));
    assert_eq!(notify(store, SLACK, 3).await, notified(&silence, Trigger));
    assert_eq!(notify(store, SLACK, 3).await, None);
}

/// The lease of a notifier that died expires.
pub(crate) async fn a_claimed_notification_is_claimed_by_nobody_else_until_its_lease_ends(
    store: &dyn Store,
) {
    noticed(store, trouble(), 0).await;
    let first = claim(store, SLACK, 1).await;
    let end = 1 + NOTIFICATION_LEASE.as_secs();
    assert_eq!(claim(store, SLACK, end - 1).await, None);
    assert!(claim(store, "discord-1", 2).await.is_some());
    let second = claim(store, SLACK, end).await;
    assert_eq!(second.as_ref().map(|it| it.attempts), Some(2));
    assert!(second.as_ref().map(|it| it.lease) > first.as_ref().map(|it| it.lease));
    // The result of the first notifier comes too late.
    if let Some(claimed) = first {
        finish(store, SLACK, &claimed, Err(later(90_000)), end).await;
        finish(store, SLACK, &claimed, Ok(()), end).await;
    }
    assert!(claim(store, SLACK, end * 2).await.is_some());
}

/// A failed notification is due again at the given time, and attempts are counted.
pub(crate) async fn what_was_not_taken_is_notified_later(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    for (second, attempts) in [(1, 1), (100, 2), (200, 3)] {
        let claimed = claim(store, SLACK, second).await;
        assert_eq!(claimed.as_ref().map(|it| it.attempts), Some(attempts));
        if let Some(claimed) = claimed {
            finish(store, SLACK, &claimed, Err(later(second + 99)), second).await;
        }
        assert_eq!(claim(store, SLACK, second + 98).await, None);
    }
    assert_eq!(notify(store, SLACK, 299).await, notified(&trouble(), Trigger));
    ended(store, trouble(), 300).await;
    let next = claim(store, SLACK, 301).await;
    assert_eq!(next.map(|it| (it.notification.action, it.attempts)), Some((Resolve, 1)));
}

/// An open alert is notified again after its cool-down, if it was raised again since.
pub(crate) async fn a_trouble_that_goes_on_is_notified_again_after_its_cool_down(
    store: &dyn Store,
) {
    let hour = COOL_DOWN.as_secs();
    noticed(store, trouble(), 0).await;
    assert_eq!(notify(store, SLACK, 10).await, notified(&trouble(), Trigger));
    assert_eq!(notify(store, SLACK, 10 + hour).await, None);
    noticed(store, trouble(), 20).await;
    assert_eq!(notify(store, SLACK, 9 + hour).await, None);
    assert_eq!(notify(store, SLACK, 10 + hour).await, notified(&trouble(), Trigger));
    assert_eq!(notify(store, SLACK, 10 + 3 * hour).await, None);
    noticed(store, trouble(), 20 + 3 * hour).await;
    assert_eq!(notify(store, SLACK, 20 + 3 * hour).await, notified(&trouble(), Trigger));
}

/// The end is due at once, and once.
pub(crate) async fn the_end_of_a_trouble_is_notified_once(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    assert_eq!(notify(store, SLACK, 1).await, notified(&trouble(), Trigger));
    ended(store, trouble(), 2).await;
    assert_eq!(notify(store, SLACK, 2).await, notified(&trouble(), Resolve));
    ended(store, trouble(), 3).await;
    assert_eq!(notify(store, SLACK, 100_000).await, None);
}

/// A channel that could not be reached is notified of what it has missed.
pub(crate) async fn a_trouble_that_came_and_went_unnotified_is_notified_as_ended(
    store: &dyn Store,
) {
    noticed(store, trouble(), 0).await;
    ended(store, trouble(), 2).await;
    assert_eq!(notify(store, SLACK, 3).await, notified(&trouble(), Resolve));
    assert_eq!(notify(store, SLACK, 4).await, None);
}

/// The end during a notification is notified next.
pub(crate) async fn a_trouble_that_ends_while_it_is_notified_is_notified_as_ended_next(
    store: &dyn Store,
) {
    noticed(store, trouble(), 0).await;
    let claimed = claim(store, SLACK, 1).await;
    ended(store, trouble(), 2).await;
    if let Some(claimed) = claimed {
        finish(store, SLACK, &claimed, Ok(()), 3).await;
    }
    assert_eq!(notify(store, SLACK, 4).await, notified(&trouble(), Resolve));
}

/// One process notices the trouble at each run, the other never: neither an end nor a return is
/// notified until it has ended for both.
pub(crate) async fn a_trouble_that_one_of_two_notices_is_notified_once_and_so_is_its_end(
    store: &dyn Store,
) {
    let sees_nothing = async |second: i64| {
        let resolve =
            AlertChange::ResolveIfQuietSince { key: trouble().key(), since: later(second - 15) };
        assert_eq!(store.raise(&[resolve], later(second)).await, Ok(()));
    };
    noticed(store, trouble(), 100).await;
    assert_eq!(notify(store, SLACK, 101).await, notified(&trouble(), Trigger));
    for second in (105..=200).step_by(5) {
        sees_nothing(second - 3).await;
        assert_eq!(notify(store, SLACK, second - 2).await, None);
        noticed(store, trouble(), second).await;
        assert_eq!(notify(store, SLACK, second).await, None);
    }
    sees_nothing(215).await;
    assert_eq!(notify(store, SLACK, 215).await, None);
    sees_nothing(216).await;
    assert_eq!(notify(store, SLACK, 216).await, notified(&trouble(), Resolve));
    sees_nothing(220).await;
    assert_eq!(notify(store, SLACK, 100_000).await, None);
}

/// An announced end ends the cool-down.
pub(crate) async fn a_trouble_that_comes_back_is_notified_at_once(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    assert_eq!(notify(store, SLACK, 1).await, notified(&trouble(), Trigger));
    ended(store, trouble(), 2).await;
    assert_eq!(notify(store, SLACK, 3).await, notified(&trouble(), Resolve));
    noticed(store, trouble(), 4).await;
    let back = claim(store, SLACK, 4).await.expect("due");
    assert_eq!((back.notification.action, back.notification.times), (Trigger, 2));
    finish(store, SLACK, &back, Ok(()), 4).await;
    assert_eq!(notify(store, SLACK, 5).await, None);
}

/// A trouble that comes and goes is damped by the delay of its end, and of nothing else.
pub(crate) async fn the_end_of_a_trouble_that_came_back_is_notified_later(store: &dyn Store) {
    let delay = END_DELAY.as_secs();
    for begin in [0, 10] {
        noticed(store, trouble(), begin).await;
        assert_eq!(notify(store, SLACK, begin).await, notified(&trouble(), Trigger));
        ended(store, trouble(), begin + 5).await;
        if begin == 0 {
            assert_eq!(notify(store, SLACK, begin + 5).await, notified(&trouble(), Resolve));
        }
    }
    assert_eq!(notify(store, SLACK, 14 + delay).await, None);
    // It is back before its end was announced: the channel knows of it.
    noticed(store, trouble(), 14 + delay).await;
    assert_eq!(notify(store, SLACK, 15 + delay).await, None);
    ended(store, trouble(), 20 + delay).await;
    assert_eq!(notify(store, SLACK, 19 + 3 * delay).await, None);
    assert_eq!(notify(store, SLACK, 20 + 3 * delay).await, notified(&trouble(), Resolve));
}

/// The end is delayed by an hour at most, and a day later nothing is left of it.
pub(crate) async fn a_series_of_troubles_is_over_after_a_day(store: &dyn Store) {
    let mut at = 0;
    for _ in 0..20 {
        noticed(store, trouble(), at).await;
        ended(store, trouble(), at + 1).await;
        at += 2;
    }
    let hour = END_DELAY.as_secs() * i64::from(END_DELAYS_MAX);
    noticed(store, trouble(), at).await;
    assert_eq!(notify(store, SLACK, at).await, notified(&trouble(), Trigger));
    ended(store, trouble(), at).await;
    assert_eq!(notify(store, SLACK, at + hour - 1).await, None);
    assert_eq!(notify(store, SLACK, at + hour).await, notified(&trouble(), Resolve));
    let day = SERIES.as_secs();
    noticed(store, trouble(), day).await;
    assert_eq!(claim(store, SLACK, day).await.map(|it| it.notification.times), Some(1));
}

/// Another cause is another message, though not each minute.
pub(crate) async fn another_cause_of_a_trouble_is_notified(store: &dyn Store) {
    let refusals = |cause| {
        let (accepted, window_seconds, ahead_seconds) = (0, 300, None);
        Alert::SignatureRefusals { count: 5, accepted, window_seconds, cause, ahead_seconds }
    };
    let secret = refusals(LikelyCause::WrongSecret);
    let clock = refusals(LikelyCause::Clock);
    let every = CAUSE_EVERY.as_secs();
    noticed(store, secret.clone(), 0).await;
    assert_eq!(notify(store, SLACK, 0).await, notified(&secret, Trigger));
    noticed(store, clock.clone(), every - 1).await;
    assert_eq!(notify(store, SLACK, every - 1).await, None);
    let claimed = claim(store, SLACK, every).await.expect("due");
    assert_eq!(claimed.notification.alert, clock);
    // A message that is not sent is not one that the channel has.
    finish(store, SLACK, &claimed, Err(later(every + 1)), every).await;
    assert_eq!(notify(store, SLACK, every + 1).await, notified(&clock, Trigger));
    noticed(store, clock, 3 * every).await;
    assert_eq!(notify(store, SLACK, 3 * every).await, None);
}

/// A dispute, a failed refund and a digest are notified once.
pub(crate) async fn what_happens_once_is_notified_once(store: &dyn Store) {
    noticed(store, Alert::test(UnixSeconds::default()), 0).await;
    assert_eq!(
        notify(store, SLACK, 1).await,
        notified(&Alert::test(UnixSeconds::default()), Trigger)
    );
    noticed(store, Alert::test(UnixSeconds::default()), 2).await;
    assert_eq!(notify(store, SLACK, 100_000).await, None);
}

/// Old changes are only listed; an alert that is raised again is not old.
pub(crate) async fn nothing_old_is_notified(store: &dyn Store) {
    let old = NEWS_FOR.as_secs();
    noticed(store, trouble(), 0).await;
    noticed(store, Alert::test(UnixSeconds::default()), 1).await;
    assert_eq!(
        notify(store, SLACK, old).await,
        notified(&Alert::test(UnixSeconds::default()), Trigger)
    );
    assert_eq!(notify(store, SLACK, old + 1).await, None);
    noticed(store, trouble(), old + 2).await;
    assert_eq!(notify(store, SLACK, old + 2).await, notified(&trouble(), Trigger));
}

/// The channel is unknown, or the alert was never leased.
pub(crate) async fn finishing_a_notification_that_is_not_there_changes_nothing(store: &dyn Store) {
    noticed(store, trouble(), 0).await;
    let claimed = claim(store, SLACK, 1).await;
    if let Some(claimed) = claimed {
        finish(store, "discord-1", &claimed, Ok(()), 1).await;
    }
    assert_eq!(notify(store, "discord-1", 2).await, notified(&trouble(), Trigger));
}
