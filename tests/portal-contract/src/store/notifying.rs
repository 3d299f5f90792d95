//! Sending due notifications to channels that accept or refuse them.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use portal_domain::notify::{NOTIFICATION_LEASE, NotifyAttempt, notify_due};
use portal_domain::{
    Action, Alert, AlertChange, ChannelRow, FailedNotification, Notification, Notify, NotifyError,
    SlackError, Store, StoreError, UnixSeconds,
};

use crate::fakes::FakeClock;
use crate::fixtures::{alerts, later, open};
use crate::lossy::{Call, Lossy};
use crate::samples::text;

/// A channel with planned answers that afterwards accepts everything except test alerts.
#[derive(Default)]
struct Channel {
    answers: Mutex<VecDeque<Result<(), NotifyError>>>,
    notified: Mutex<Vec<(String, Action)>>,
}

impl Channel {
    fn that_answers(answers: impl IntoIterator<Item = Result<(), NotifyError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    fn notified(&self) -> Vec<(String, Action)> {
        self.notified.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Notify for Channel {
    fn channel(&self) -> &'static str {
        "slack-1"
    }

    fn takes(&self, alert: &Alert) -> bool {
        *alert != Alert::test(UnixSeconds::default())
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        let mut notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        notified.push((notification.key.clone(), notification.action));
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.pop_front().unwrap_or(Ok(()))
    }
}

fn trouble() -> Alert {
    Alert::EventsNotDelivered { events: 1, oldest_seconds: 400 }
}

fn another() -> Alert {
    Alert::Silence { last_received_at: later(0), usual_seconds: 5 }
}

async fn noticed(store: &dyn Store, alerts: impl IntoIterator<Item = Alert>) {
    for (second, alert) in (0..).zip(alerts) {
        assert_eq!(store.raise(&[AlertChange::Raise(alert)], later(second)).await, Ok(()));
    }
}

fn clock_at(now: UnixSeconds) -> FakeClock {
    FakeClock::at(now.get())
}

async fn tell(store: &dyn Store, channel: &Channel, second: i64) -> Vec<Result<(), NotifyError>> {
    let clock = clock_at(later(second));
    let notified: Vec<NotifyAttempt> =
        notify_due(store, channel, &clock, 0).await.expect("notified");
    notified.into_iter().map(|it| it.notified).collect()
}

/// Notifications are sent one after another, until none is due.
pub(crate) async fn everything_that_is_due_is_notified(store: &dyn Store) {
    noticed(store, [trouble(), another()]).await;
    let channel = Channel::default();
    assert_eq!(tell(store, &channel, 10).await, [Ok(()), Ok(())]);
    let due = [trouble(), another()].map(|it| (it.key(), Action::Trigger));
    assert_eq!(channel.notified(), due);
    assert_eq!(tell(store, &channel, 11).await, []);
}

/// Such an alert counts as notified, and its end is not notified either.
pub(crate) async fn what_a_channel_does_not_take_is_not_sent_to_it(store: &dyn Store) {
    noticed(store, [Alert::test(UnixSeconds::default()), trouble()]).await;
    let channel = Channel::default();
    assert_eq!(tell(store, &channel, 10).await, [Ok(()), Ok(())]);
    assert_eq!(channel.notified(), [(trouble().key(), Action::Trigger)]);
    assert_eq!(tell(store, &channel, 11).await, []);
}

/// The next notification would fail as well; both are sent when the channel works again.
pub(crate) async fn a_channel_that_fails_is_left_alone_for_a_while(store: &dyn Store) {
    noticed(store, [trouble(), another()]).await;
    let failures = [NotifyError::TimedOut, NotifyError::Refused { status: 500, word: None }];
    let channel = Channel::that_answers(failures.map(Err));
    let [timed_out, refused] = failures.map(Err);
    assert_eq!(tell(store, &channel, 10).await, [timed_out]);
    assert_eq!(tell(store, &channel, 10).await, [refused]);
    assert_eq!(tell(store, &channel, 19).await, []);
    assert_eq!(tell(store, &channel, 20).await, [Ok(()), Ok(())]);
    assert_eq!(channel.notified().len(), 4);
}

/// The wait grows with each failure.
pub(crate) async fn the_wait_grows_with_each_failure(store: &dyn Store) {
    noticed(store, [trouble()]).await;
    let channel = Channel::that_answers([const { Err(NotifyError::Unreachable) }; 3]);
    for (second, too_soon) in [(10, 19), (20, 39), (40, 79)] {
        assert_eq!(tell(store, &channel, second).await, [Err(NotifyError::Unreachable)]);
        assert_eq!(tell(store, &channel, too_soon).await, []);
    }
    assert_eq!(tell(store, &channel, 80).await, [Ok(())]);
}

/// The alert goes to the others: the channel itself would not take it.
pub(crate) async fn a_channel_that_refuses_is_told_on_the_others(store: &dyn Store) {
    let why = NotifyError::Refused { status: 410, word: Some(SlackError::ChannelIsArchived) };
    noticed(store, [trouble()]).await;
    assert_eq!(store.channels().await, Ok(vec![]));
    let channel = Channel::that_answers([Err(why)]);
    assert_eq!(tell(store, &channel, 10).await, [Err(why)]);
    let failing = Alert::ChannelFailing { channel: text("slack-1"), why };
    let state = ChannelRow {
        name: "slack-1".into(),
        taken_at: None,
        failed_at: Some(later(10)),
        failure: Some(why),
        is_failing: true,
    };
    assert_eq!(store.channels().await, Ok(vec![state.clone()]));
    let rows = alerts(store).await;
    let failed: Vec<_> = rows.into_iter().map(|it| (it.key, it.failed)).collect();
    let again = FailedNotification { channel: "slack-1".into(), why, again_at: later(20) };
    assert_eq!(failed, [(failing.key(), vec![]), (trouble().key(), vec![again])]);
    let due = store.lease_notification("discord-1", NOTIFICATION_LEASE, later(11)).await;
    assert_eq!(due.map(|it| it.map(|it| it.notification.alert)), Ok(Some(trouble())));
    let due = store.lease_notification("discord-1", NOTIFICATION_LEASE, later(12)).await;
    assert_eq!(due.map(|it| it.map(|it| it.notification.alert)), Ok(Some(failing)));
    // A notification that it takes ends the alert, in the same step.
    assert_eq!(tell(store, &channel, 20).await, [Ok(())]);
    assert_eq!(open(store).await, [trouble().key()]);
    let well = ChannelRow { taken_at: Some(later(20)), failure: None, is_failing: false, ..state };
    assert_eq!(store.channels().await, Ok(vec![well]));
    assert_eq!(alerts(store).await.iter().map(|it| it.failed.len()).sum::<usize>(), 0);
    assert_eq!(tell(store, &channel, 30).await, []);
}

/// A service that is restarted, or a network that is away for a moment, is nobody's business.
pub(crate) async fn a_channel_that_fails_for_a_moment_is_not_told(store: &dyn Store) {
    noticed(store, [trouble()]).await;
    let channel = Channel::that_answers([const { Err(NotifyError::TimedOut) }; 5]);
    for (second, failing) in [(10, false), (20, false), (40, false), (80, false), (160, true)] {
        assert_eq!(tell(store, &channel, second).await, [Err(NotifyError::TimedOut)]);
        let states = store.channels().await.expect("the channels");
        assert_eq!(states.iter().any(|it| it.is_failing), failing, "{second}");
    }
}

/// A notification that is not sent says nothing about the channel.
pub(crate) async fn what_a_channel_does_not_take_is_no_result_of_it(store: &dyn Store) {
    noticed(store, [Alert::test(UnixSeconds::default())]).await;
    assert_eq!(tell(store, &Channel::default(), 10).await, [Ok(())]);
    assert_eq!(store.channels().await, Ok(vec![]));
}

/// The wait is the named one, at most an hour.
pub(crate) async fn a_channel_that_names_a_wait_is_waited_for(store: &dyn Store) {
    noticed(store, [trouble()]).await;
    let busy = |retry_after| NotifyError::TooMany { retry_after };
    let channel =
        Channel::that_answers([Err(busy(Some(90))), Err(busy(Some(1_000_000))), Err(busy(None))]);
    assert_eq!(tell(store, &channel, 10).await, [Err(busy(Some(90)))]);
    assert_eq!(tell(store, &channel, 99).await, []);
    assert_eq!(tell(store, &channel, 100).await, [Err(busy(Some(1_000_000)))]);
    assert_eq!(tell(store, &channel, 3699).await, []);
    assert_eq!(tell(store, &channel, 3700).await, [Err(busy(None))]);
    assert_eq!(tell(store, &channel, 3739).await, []);
    assert_eq!(tell(store, &channel, 3740).await, [Ok(())]);
}

/// A notification that was sent but not saved is sent again: better twice than never.
pub(crate) async fn a_notification_whose_answer_is_lost_is_notified_again_if_it_was_not_saved(
    store: &dyn Store,
) {
    noticed(store, [trouble()]).await;
    let channel = Channel::default();
    let clock = clock_at(later(10));
    let lossy = Lossy::new(store);
    lossy.plan(Call::Works);
    lossy.plan(Call::Fails(StoreError::Busy));
    assert_eq!(notify_due(&lossy, &channel, &clock, 0).await, Err(StoreError::Busy));
    assert_eq!(tell(store, &channel, 10).await, []);
    let clock = clock_at(later(10).after(NOTIFICATION_LEASE));
    let lossy = Lossy::new(store);
    lossy.plan(Call::Works);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(notify_due(&lossy, &channel, &clock, 0).await, Err(StoreError::Busy));
    assert_eq!(tell(store, &channel, 1000).await, []);
    assert_eq!(channel.notified().len(), 2);
}
