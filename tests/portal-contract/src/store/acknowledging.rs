//! Alerts and dead events that operators have seen, and alerts that are silenced.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::Action::{Resolve, Trigger};
use portal_domain::alert::{COOL_DOWN, EVENT_DEAD, LikelyCause};
use portal_domain::notify::{CAUSE_EVERY, NOTIFICATION_LEASE};
use portal_domain::{
    Acknowledgement, Action, Actor, Alert, AlertChange, AlertKey, AlertRow, AlertSilence, Backlog,
    EventId, NewSilence, Selection, State, Store, Written,
};

use crate::fixtures::{BY_OPERATOR, DEAD, a_dead_gift, a_gift, later, one, reprocess, state};
use crate::samples::{listed, record_new, record_new_at, text, those};

const CHANNEL: &str = "slack-1";

fn trouble() -> Alert {
    Alert::EventsNotDelivered { events: 1, oldest_seconds: 400 }
}

fn key_of(alert: &Alert) -> AlertKey {
    text(&alert.key())
}

fn who() -> Actor {
    text("treasurer")
}

async fn noticed(store: &dyn Store, alert: &Alert, second: i64) {
    let raise = AlertChange::Raise(alert.clone());
    assert_eq!(store.raise(&[raise], later(second)).await, Ok(()));
}

async fn ended(store: &dyn Store, alert: &Alert, second: i64) {
    assert_eq!(store.raise(&[AlertChange::Resolve(alert.key())], later(second)).await, Ok(()));
}

/// Leases the due notification and marks it as sent.
async fn notify(store: &dyn Store, second: i64) -> Option<(String, Action)> {
    let leased = store.lease_notification(CHANNEL, NOTIFICATION_LEASE, later(second)).await;
    let leased = leased.expect("leased")?;
    let outcome = leased.outcome(Ok(()));
    assert_eq!(store.finish_notification(CHANNEL, &outcome, later(second)).await, Ok(()));
    Some((leased.notification.key, leased.notification.action))
}

fn told(alert: &Alert, action: Action) -> Option<(String, Action)> {
    Some((alert.key(), action))
}

async fn acknowledge(store: &dyn Store, alert: &Alert, second: i64) -> Written {
    store.acknowledge(&key_of(alert), &seen(second)).await.expect("an answer")
}

async fn row(store: &dyn Store, key: &AlertKey) -> AlertRow {
    store.alert(key).await.expect("an answer").expect("an alert")
}

fn seen(second: i64) -> Acknowledgement {
    Acknowledgement { at: later(second), by: who() }
}

pub(crate) async fn an_acknowledged_alert_is_not_notified_again_until_it_ends(store: &dyn Store) {
    let (alert, hour) = (trouble(), COOL_DOWN.as_secs());
    noticed(store, &alert, 0).await;
    assert_eq!(notify(store, 1).await, told(&alert, Trigger));
    noticed(store, &alert, hour).await;
    assert_eq!(notify(store, hour + 1).await, told(&alert, Trigger));
    assert_eq!(acknowledge(store, &alert, hour + 2).await, Written::Applied);
    noticed(store, &alert, 3 * hour).await;
    assert_eq!(notify(store, 3 * hour).await, None);
    assert_eq!(row(store, &key_of(&alert)).await.acknowledged, Some(seen(hour + 2)));
    ended(store, &alert, 4 * hour).await;
    assert_eq!(notify(store, 4 * hour).await, told(&alert, Resolve));
}

/// Nobody has seen that one yet.
pub(crate) async fn another_cause_of_an_acknowledged_alert_is_notified(store: &dyn Store) {
    let of = |cause| Alert::SignatureRefusals {
        count: 5,
        accepted: 0,
        window_seconds: 300,
        cause,
        ahead_seconds: None,
    };
    let (first, second) = (of(LikelyCause::Scanner), of(LikelyCause::WrongSecret));
    noticed(store, &first, 0).await;
    assert_eq!(notify(store, 1).await, told(&first, Trigger));
    assert_eq!(acknowledge(store, &first, 2).await, Written::Applied);
    noticed(store, &second, CAUSE_EVERY.as_secs()).await;
    assert_eq!(notify(store, 1 + CAUSE_EVERY.as_secs()).await, told(&second, Trigger));
}

pub(crate) async fn an_alert_that_begins_anew_is_not_acknowledged(store: &dyn Store) {
    let alert = trouble();
    noticed(store, &alert, 0).await;
    assert_eq!(acknowledge(store, &alert, 1).await, Written::Applied);
    noticed(store, &alert, 2).await;
    assert_eq!(row(store, &key_of(&alert)).await.acknowledged, Some(seen(1)));
    ended(store, &alert, 3).await;
    noticed(store, &alert, 4).await;
    assert_eq!(row(store, &key_of(&alert)).await.acknowledged, None);
}

pub(crate) async fn only_an_open_alert_is_acknowledged(store: &dyn Store) {
    let alert = trouble();
    assert_eq!(store.alert(&key_of(&alert)).await, Ok(None));
    assert_eq!(acknowledge(store, &alert, 0).await, Written::Stale);
    noticed(store, &alert, 1).await;
    ended(store, &alert, 2).await;
    assert_eq!(acknowledge(store, &alert, 3).await, Written::Stale);
    assert_eq!(row(store, &key_of(&alert)).await.acknowledged, None);
}

/// Returns the selection of an operator's first look: what is dead, and nobody has seen.
fn to_look_at() -> Selection {
    Selection { state: Some("dead"), acknowledged: Some(false), ..Selection::default() }
}

async fn acknowledge_event(store: &dyn Store, name: &str, second: i64) -> u64 {
    let acknowledged = store.acknowledge_events(&one(name), &seen(second)).await;
    acknowledged.expect("acknowledged")
}

fn id(name: &str) -> EventId {
    text(&format!("evt_{name}"))
}

pub(crate) async fn an_acknowledged_event_stays_dead_and_is_looked_at_no_more(store: &dyn Store) {
    record_new(store, &["a", "b", "c"].map(a_dead_gift)).await;
    assert_eq!(acknowledge_event(store, "b", 5).await, 1);
    assert_eq!(state(store, "b").await, DEAD);
    assert_eq!(listed(store, &those(to_look_at())).await, ["evt_c", "evt_a"]);
    let acknowledged = Selection { acknowledged: Some(true), ..Selection::default() };
    assert_eq!(listed(store, &those(acknowledged)).await, ["evt_b"]);
    assert_eq!(store.acknowledgement(&id("b")).await, Ok(Some(seen(5))));
    assert_eq!(store.acknowledgement(&id("a")).await, Ok(None));
    let due = Backlog { dead: 3, awaiting_object: 0, acknowledged: 1 };
    assert_eq!(store.backlog().await, Ok(due));
}

/// The first operator's name stays; what was processed or ignored may die again, and is news then.
pub(crate) async fn an_event_is_acknowledged_once_and_as_long_as_it_is_dead(store: &dyn Store) {
    record_new(store, &[a_dead_gift("a"), a_dead_gift("b"), a_gift("done")]).await;
    assert_eq!(acknowledge_event(store, "done", 1).await, 0);
    for name in ["a", "b"] {
        assert_eq!(acknowledge_event(store, name, 1).await, 1);
        assert_eq!(acknowledge_event(store, name, 2).await, 0);
        assert_eq!(store.acknowledgement(&id(name)).await, Ok(Some(seen(1))));
    }
    assert_eq!(reprocess(store, &one("a"), later(3)).await, 1);
    assert_eq!(state(store, "a").await, State::Processed);
    assert_eq!(store.ignore(&one("b"), later(3)).await, Ok(1));
    assert_eq!(state(store, "b").await, BY_OPERATOR);
    for name in ["a", "b"] {
        assert_eq!(store.acknowledgement(&id(name)).await, Ok(None), "{name}");
    }
    assert_eq!(store.backlog().await, Ok(Backlog::default()));
}

/// Another dead event is news.
pub(crate) async fn with_the_last_dead_event_the_alert_is_acknowledged(store: &dyn Store) {
    let (key, hour) = (text(EVENT_DEAD), COOL_DOWN.as_secs());
    record_new(store, &["a", "b"].map(a_dead_gift)).await;
    assert!(notify(store, 1).await.is_some());
    assert_eq!(acknowledge_event(store, "a", 2).await, 1);
    assert_eq!(row(store, &key).await.acknowledged, None);
    assert_eq!(acknowledge_event(store, "b", 3).await, 1);
    let alert = row(store, &key).await;
    assert_eq!((alert.open, alert.acknowledged), (true, Some(seen(3))));
    record_new_at(store, &[a_dead_gift("c")], later(hour)).await;
    assert_eq!(row(store, &key).await.acknowledged, None);
    assert_eq!(notify(store, hour + 1).await, Some((EVENT_DEAD.to_owned(), Trigger)));
}

pub(crate) async fn another_number_than_expected_is_told_and_nothing_is_acknowledged(
    store: &dyn Store,
) {
    record_new(store, &["a", "b"].map(a_dead_gift)).await;
    let all = to_look_at();
    let acknowledge = async |number| {
        let which = Selection { expected: Some(number), ..all.clone() };
        store.acknowledge_events(&which, &seen(1)).await
    };
    assert_eq!(acknowledge(3).await, Ok(2));
    assert_eq!(store.count_events(&all, 10).await, Ok(2));
    assert_eq!(acknowledge(2).await, Ok(2));
    assert_eq!(store.count_events(&all, 10).await, Ok(0));
}

async fn silence(store: &dyn Store, alert: &Alert, until: i64, second: i64) -> Written {
    let silence = NewSilence::new(key_of(alert), later(until), later(second)).expect("a silence");
    store.silence(&silence, &who()).await.expect("an answer")
}

/// Its begin is notified when the silence is over and it goes on.
pub(crate) async fn a_silenced_alert_is_not_notified_until_then_but_its_end_is(store: &dyn Store) {
    let (alert, hour) = (trouble(), COOL_DOWN.as_secs());
    noticed(store, &alert, 0).await;
    assert_eq!(notify(store, 1).await, told(&alert, Trigger));
    assert_eq!(silence(store, &alert, 9 * hour, 2).await, Written::Applied);
    let silenced = AlertSilence { until: later(9 * hour), by: who() };
    assert_eq!(row(store, &key_of(&alert)).await.silenced, Some(silenced));
    noticed(store, &alert, 2 * hour).await;
    assert_eq!(notify(store, 2 * hour).await, None);
    ended(store, &alert, 3 * hour).await;
    assert_eq!(notify(store, 3 * hour).await, told(&alert, Resolve));
    noticed(store, &alert, 4 * hour).await;
    assert_eq!(notify(store, 5 * hour).await, None);
    assert_eq!(notify(store, 9 * hour).await, told(&alert, Trigger));
}

pub(crate) async fn a_silence_may_be_ended_and_is_of_one_alert(store: &dyn Store) {
    let (alert, other) =
        (trouble(), Alert::Silence { last_received_at: later(0), usual_seconds: 5 });
    assert_eq!(silence(store, &alert, 100, 0).await, Written::Stale);
    noticed(store, &alert, 0).await;
    assert_eq!(store.unsilence(&key_of(&alert)).await, Ok(Written::Stale));
    assert_eq!(silence(store, &alert, 100, 0).await, Written::Applied);
    noticed(store, &other, 1).await;
    assert_eq!(notify(store, 2).await, told(&other, Trigger));
    assert_eq!(notify(store, 3).await, None);
    assert_eq!(store.unsilence(&key_of(&alert)).await, Ok(Written::Applied));
    assert_eq!(row(store, &key_of(&alert)).await.silenced, None);
    assert_eq!(notify(store, 4).await, told(&alert, Trigger));
}
