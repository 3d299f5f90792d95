//! Raising and ending alerts.

use portal_domain::alert::{Digest, LikelyCause, STORE_UNAVAILABLE};
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::{
    Alert, AlertChange, AlertFilter, AlertRow, AlertState, DeadReason, Event, NotifyError,
    ReadError, Resource, Selection, SlackError, Store, UnixSeconds,
};

use crate::fixtures::{
    a_failed_payout, a_gift, a_gift_without_currency, alerts, later, open, reprocess, told_of,
};
use crate::samples::{record_new, record_new_at, text};
use crate::stripe::{dispute, old, refund};

fn trouble(events: u64) -> Alert {
    Alert::EventsNotDelivered { events, oldest_seconds: 400 }
}

fn ended() -> AlertChange {
    AlertChange::Resolve(trouble(0).key())
}

fn unnoticed_since(second: i64) -> AlertChange {
    AlertChange::ResolveIfQuietSince { key: trouble(0).key(), since: later(second) }
}

async fn change(store: &dyn Store, change: AlertChange, second: i64) {
    assert_eq!(store.raise(&[change], later(second)).await, Ok(()));
}

fn row(events: u64, open: bool, count: u64, since: i64, changed_at: i64) -> AlertRow {
    let alert = trouble(events);
    let (since, changed_at) = (later(since), later(changed_at));
    AlertRow {
        key: alert.key(),
        alert,
        open,
        count,
        since,
        changed_at,
        times: 1,
        notified: vec![],
        failed: vec![],
        acknowledged: None,
        silenced: None,
    }
}

/// The alert has the last values, and the time at which it was raised first.
pub(crate) async fn a_trouble_that_is_noticed_again_is_one_trouble(store: &dyn Store) {
    for (second, events) in [(1, 10), (5, 20), (9, 15)] {
        change(store, AlertChange::Raise(trouble(events)), second).await;
    }
    assert_eq!(alerts(store).await, [row(15, true, 3, 1, 9)]);
}

/// An ended alert stays in the list.
pub(crate) async fn a_trouble_that_has_ended_says_when(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, ended(), 5).await;
    assert_eq!(alerts(store).await, [row(10, false, 1, 1, 5)]);
    change(store, ended(), 9).await;
    assert_eq!(alerts(store).await, [row(10, false, 1, 1, 5)]);
}

/// The monitor reports at each run that all is well.
pub(crate) async fn the_end_of_no_trouble_is_nothing(store: &dyn Store) {
    change(store, ended(), 1).await;
    assert_eq!(alerts(store).await, []);
}

/// One process notices nothing, another raised the alert a moment ago. The limit itself counts as
/// recent.
pub(crate) async fn a_trouble_that_somebody_noticed_lately_is_not_resolved(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(20)), 10).await;
    change(store, unnoticed_since(10), 25).await;
    assert_eq!(alerts(store).await, [row(20, true, 2, 1, 10)]);
    let at_once = [AlertChange::Raise(trouble(30)), unnoticed_since(26)];
    assert_eq!(store.raise(&at_once, later(30)).await, Ok(()));
    assert_eq!(alerts(store).await, [row(30, true, 3, 1, 30)]);
}

/// The end is the time of the call, not that of the last raising, and is written once.
pub(crate) async fn a_trouble_that_nobody_notices_any_more_is_resolved_now(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(20)), 10).await;
    change(store, unnoticed_since(11), 25).await;
    assert_eq!(alerts(store).await, [row(20, false, 2, 1, 25)]);
    change(store, unnoticed_since(30), 44).await;
    assert_eq!(alerts(store).await, [row(20, false, 2, 1, 25)]);
    change(store, AlertChange::Raise(trouble(30)), 45).await;
    assert_eq!(alerts(store).await, [AlertRow { times: 2, ..row(30, true, 1, 45, 45) }]);
}

/// Neither an unknown alert nor another one is ended.
pub(crate) async fn what_is_not_there_is_not_resolved(store: &dyn Store) {
    change(store, unnoticed_since(5), 20).await;
    assert_eq!(alerts(store).await, []);
    change(store, AlertChange::Raise(Alert::test(UnixSeconds::default())), 1).await;
    change(store, unnoticed_since(5), 20).await;
    assert_eq!(open(store).await, [Alert::test(UnixSeconds::default()).key()]);
}

/// Its count starts again.
pub(crate) async fn a_trouble_that_comes_back_is_a_new_one(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(10)), 2).await;
    change(store, ended(), 5).await;
    change(store, AlertChange::Raise(trouble(30)), 7).await;
    assert_eq!(alerts(store).await, [AlertRow { times: 2, ..row(30, true, 1, 7, 7) }]);
}

/// The newest alert comes first.
pub(crate) async fn alerts_are_listed_by_their_last_change(store: &dyn Store) {
    let silence = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    change(store, AlertChange::Raise(trouble(1)), 1).await;
    change(store, AlertChange::Raise(silence.clone()), 2).await;
    change(store, AlertChange::Raise(Alert::test(UnixSeconds::default())), 3).await;
    change(store, AlertChange::Raise(trouble(1)), 4).await;
    let keys: Vec<_> = alerts(store).await.into_iter().map(|it| it.key).collect();
    assert_eq!(keys, [trouble(1).key(), Alert::test(UnixSeconds::default()).key(), silence.key()]);
    let first: Vec<_> = store.alerts(AlertFilter::All, 1).await.unwrap_or_default();
    assert_eq!(first.into_iter().map(|it| it.key).collect::<Vec<_>>(), [trouble(1).key()]);
    assert_eq!(store.alerts(AlertFilter::All, 0).await, Ok(vec![]));
}

/// A digest, a failed refund and a test happened once, and nothing ends them.
pub(crate) async fn only_alerts_that_have_an_end_are_open(store: &dyn Store) {
    let silence = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    let failed = old(2, "refund.failed", refund("re_1", "pi_1", "failed", 5));
    record_new_at(store, &[a_dispute("b", 1, "needs_response"), told_of("c", failed)], later(1))
        .await;
    change(store, AlertChange::Raise(silence.clone()), 2).await;
    change(store, AlertChange::Resolve(silence.key()), 3).await;
    change(store, AlertChange::Raise(Alert::Digest(a_digest())), 4).await;
    change(store, AlertChange::Raise(trouble(1)), 5).await;
    change(store, AlertChange::Raise(Alert::test(UnixSeconds::default())), 6).await;
    let key_and_state = |it: AlertRow| (it.key.clone(), it.state());
    let of_all: Vec<_> = alerts(store).await.into_iter().map(key_and_state).collect();
    let due = [
        ("test:0", AlertState::Once),
        ("events_not_delivered", AlertState::Open),
        ("digest:2026-11-21", AlertState::Once),
        ("silence", AlertState::Ended),
        ("dispute:du_1:open", AlertState::Open),
        ("refund_failed:re_1", AlertState::Once),
    ];
    assert_eq!(of_all, due.map(|(key, state)| (key.to_owned(), state)));
    let open = async |limit| {
        let open = store.alerts(AlertFilter::Open, limit).await.unwrap_or_default();
        open.into_iter().map(|it| it.key).collect::<Vec<_>>()
    };
    assert_eq!(open(9).await, ["events_not_delivered", "dispute:du_1:open"]);
    assert_eq!(open(1).await, ["events_not_delivered"]);
}

/// Every alert reads back as it was raised; all changes of a step are written.
pub(crate) async fn every_kind_of_alert_reads_back_equal(store: &dyn Store) {
    let failed = old(2, "refund.failed", refund("re_1", "pi_1", "failed", 5));
    let events =
        [a_gift_without_currency("a"), a_dispute("b", 1, "needs_response"), told_of("c", failed)];
    record_new_at(store, &events, later(9)).await;
    let problem = EndpointProblem::Disabled;
    let cause = LikelyCause::WrongSecret;
    let raised = [
        trouble(3),
        Alert::Silence { last_received_at: later(0), usual_seconds: 5 },
        Alert::ConnectedAccountsOnly {
            account: Some(text("acct_1/acct_2")),
            events: 3,
            last_received_at: later(0),
        },
        Alert::Endpoint { problem, endpoint: Some(text("we_1")) },
        Alert::SignatureRefusals {
            count: 7,
            accepted: 14,
            window_seconds: 300,
            cause,
            ahead_seconds: Some(-600),
        },
        Alert::StoreUnavailable {
            reason: text("store_full"),
            began_at: later(4),
            refused: 3,
            free_bytes: Some(4096),
        },
        Alert::StripeUnreadable {
            resource: Resource::Events,
            why: ReadError::Refused { status: 400 },
        },
        Alert::ReconciliationIncomplete { open: 1, unread: 2 },
        Alert::ChannelFailing {
            channel: text("slack-1"),
            why: NotifyError::Refused { status: 410, word: Some(SlackError::ChannelIsArchived) },
        },
        a_failed_payout(),
        Alert::Digest(a_digest()),
        Alert::test(UnixSeconds::default()),
    ];
    let changes = raised.clone().map(AlertChange::Raise);
    assert_eq!(store.raise(&changes, later(9)).await, Ok(()));
    let rows = alerts(store).await;
    let mut kinds: Vec<_> = rows.iter().map(|it| it.alert.kind()).collect();
    let mut due: Vec<_> = raised.iter().map(Alert::kind).collect();
    due.extend(["event_dead", "dispute", "refund_failed"]);
    kinds.sort_unstable();
    due.sort_unstable();
    assert_eq!(kinds, due);
    let with_end = rows.iter().filter(|it| it.alert.has_end()).map(|it| it.key.clone());
    let listed = store.alerts(AlertFilter::Open, 100).await.unwrap_or_default();
    let listed = listed.into_iter().map(|it| it.key);
    assert_eq!(listed.collect::<Vec<_>>(), with_end.collect::<Vec<_>>());
    for row in rows {
        // An outage began before the store could take it.
        let since = if row.alert.kind() == STORE_UNAVAILABLE { later(4) } else { later(9) };
        assert_eq!((row.alert.key(), row.count, row.since), (row.key, 1, since));
        let is_raised = raised.contains(&row.alert);
        assert!(
            is_raised || ["event_dead", "dispute", "refund_failed"].contains(&row.alert.kind())
        );
    }
}

fn a_digest() -> Digest {
    Digest {
        day: text("2026-11-21"),
        totals: vec![],
        pending: 1,
        failed: 2,
        provisional: 3,
        awaiting_object: 4,
        dead: 5,
        payouts: Vec::new(),
        report: None,
    }
}

/// The second dead event raises the same alert, which then names it.
pub(crate) async fn events_that_are_dead_are_one_trouble(store: &dyn Store) {
    record_new(store, &["a", "b"].map(a_gift_without_currency)).await;
    let (reason, event_type) = (DeadReason::FactsMissing, text("payment_intent.succeeded"));
    let missing = Some(text("currency"));
    let last = Alert::EventDead { event: text("evt_b"), event_type, reason, missing };
    let seen: Vec<_> = alerts(store).await.into_iter().map(|it| (it.alert, it.count)).collect();
    assert_eq!(seen, [(last, 2)]);
}

/// The outcomes are: won, lost, and closed without a dispute.
pub(crate) async fn a_dispute_that_is_closed_ends_its_alert(store: &dyn Store) {
    for (name, status) in [("won", "won"), ("lost", "lost"), ("back", "warning_closed")] {
        let seen = |second, status| {
            let contested = dispute("pi_1", status).with("id", format!("du_{name}"));
            let contested = old(second, "charge.dispute.updated", contested);
            told_of(&format!("{name}_{second}"), contested)
        };
        record_new(store, &[seen(1, "needs_response")]).await;
        assert_eq!(open(store).await, [format!("dispute:du_{name}:open")]);
        record_new(store, &[seen(2, status)]).await;
        assert_eq!(open(store).await, [""; 0]);
    }
}

/// The inquiry ends when the bank withdraws the money.
pub(crate) async fn an_inquiry_that_becomes_a_dispute_is_another_alert(store: &dyn Store) {
    record_new(store, &[a_dispute("a", 1, "warning_needs_response")]).await;
    assert_eq!(open(store).await, ["dispute:du_1:inquiry"]);
    record_new(store, &[a_dispute("b", 2, "needs_response")]).await;
    assert_eq!(open(store).await, ["dispute:du_1:open"]);
}

/// The event of the end arrived first, so no alert is raised afterwards.
pub(crate) async fn a_dispute_that_is_notified_backwards_leaves_no_alert(store: &dyn Store) {
    for (name, second, status) in
        [("c", 3, "lost"), ("b", 2, "needs_response"), ("a", 1, "warning_needs_response")]
    {
        record_new(store, &[a_dispute(name, second, status)]).await;
        assert_eq!(alerts(store).await, []);
    }
}

fn a_dispute(name: &str, second: i64, status: &str) -> Event {
    told_of(name, old(second, "charge.dispute.updated", dispute("pi_1", status)))
}

/// Only the first event of the failure raises the alert.
pub(crate) async fn a_refund_that_fails_is_notified_once(store: &dyn Store) {
    let failed =
        |name| told_of(name, old(5, "refund.failed", refund("re_1", "pi_a", "failed", 400)));
    let succeeded = old(1, "refund.created", refund("re_1", "pi_a", "succeeded", 400));
    record_new(store, &[a_gift("a"), failed("c"), told_of("b", succeeded)]).await;
    assert_eq!(reprocess(store, &Selection::default(), later(1)).await, 3);
    let seen: Vec<_> = alerts(store).await.into_iter().map(|it| (it.key, it.count)).collect();
    assert_eq!(seen, [("refund_failed:re_1".to_owned(), 1)]);
}
