//! What operators must know, and when it has ended.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::endpoint::EndpointProblem;
use portal_domain::{Alert, AlertChange, AlertRow, Event, Look, Store, Unseen};

use crate::samples::record_new;
use crate::settled::{a_gift, a_gift_without_currency, later, settle_all, told_of};
use crate::stripe::{dispute, old, refund};

fn trouble(waiting: u64) -> Alert {
    Alert::BacklogOld { waiting, overdue_seconds: 400 }
}

fn ended() -> AlertChange {
    AlertChange::Resolve(trouble(0).key())
}

fn unnoticed_since(second: i64) -> AlertChange {
    AlertChange::Subside { key: trouble(0).key(), since: later(second) }
}

async fn change(store: &dyn Store, change: AlertChange, second: i64) {
    assert_eq!(store.raise(&[change], later(second)).await, Ok(()));
}

async fn rows(store: &dyn Store) -> Vec<AlertRow> {
    store.alerts(100).await.expect("alerts")
}

/// The keys of what is there still.
async fn open(store: &dyn Store) -> Vec<String> {
    rows(store).await.into_iter().filter(|it| it.open).map(|it| it.key).collect()
}

fn row(waiting: u64, open: bool, count: u64, since: i64, changed_at: i64) -> AlertRow {
    let alert = trouble(waiting);
    let (since, changed_at) = (later(since), later(changed_at));
    AlertRow { key: alert.key(), alert, open, count, since, changed_at, told: vec![] }
}

/// One trouble, however often it is noticed: as it was last, since it was first.
pub async fn a_trouble_that_is_noticed_again_is_one_trouble(store: &dyn Store) {
    for (second, waiting) in [(1, 10), (5, 20), (9, 15)] {
        change(store, AlertChange::Raise(trouble(waiting)), second).await;
    }
    assert_eq!(rows(store).await, [row(15, true, 3, 1, 9)]);
}

/// It stays in the list, as it was.
pub async fn a_trouble_that_has_ended_says_when(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, ended(), 5).await;
    assert_eq!(rows(store).await, [row(10, false, 1, 1, 5)]);
    change(store, ended(), 9).await;
    assert_eq!(rows(store).await, [row(10, false, 1, 1, 5)]);
}

/// The watch says at each look that all is well.
pub async fn the_end_of_no_trouble_is_nothing(store: &dyn Store) {
    change(store, ended(), 1).await;
    assert_eq!(rows(store).await, []);
}

/// One process sees nothing, another noticed it a moment ago. The very second counts as lately.
pub async fn a_trouble_that_somebody_noticed_lately_does_not_subside(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(20)), 10).await;
    change(store, unnoticed_since(10), 25).await;
    assert_eq!(rows(store).await, [row(20, true, 2, 1, 10)]);
    let at_once = [AlertChange::Raise(trouble(30)), unnoticed_since(26)];
    assert_eq!(store.raise(&at_once, later(30)).await, Ok(()));
    assert_eq!(rows(store).await, [row(30, true, 3, 1, 30)]);
}

/// It ends when that is said, not when it was noticed last; and once.
pub async fn a_trouble_that_nobody_notices_any_more_subsides_now(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(20)), 10).await;
    change(store, unnoticed_since(11), 25).await;
    assert_eq!(rows(store).await, [row(20, false, 2, 1, 25)]);
    change(store, unnoticed_since(30), 44).await;
    assert_eq!(rows(store).await, [row(20, false, 2, 1, 25)]);
    change(store, AlertChange::Raise(trouble(30)), 45).await;
    assert_eq!(rows(store).await, [row(30, true, 1, 45, 45)]);
}

/// Neither what never was, nor another trouble.
pub async fn what_is_not_there_does_not_subside(store: &dyn Store) {
    change(store, unnoticed_since(5), 20).await;
    assert_eq!(rows(store).await, []);
    change(store, AlertChange::Raise(Alert::Test), 1).await;
    change(store, unnoticed_since(5), 20).await;
    assert_eq!(open(store).await, [Alert::Test.key()]);
}

/// It is counted anew.
pub async fn a_trouble_that_comes_back_is_a_new_one(store: &dyn Store) {
    change(store, AlertChange::Raise(trouble(10)), 1).await;
    change(store, AlertChange::Raise(trouble(10)), 2).await;
    change(store, ended(), 5).await;
    change(store, AlertChange::Raise(trouble(30)), 7).await;
    assert_eq!(rows(store).await, [row(30, true, 1, 7, 7)]);
}

/// The newest is read first.
pub async fn alerts_are_listed_by_their_last_change(store: &dyn Store) {
    let silence = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    change(store, AlertChange::Raise(trouble(1)), 1).await;
    change(store, AlertChange::Raise(silence.clone()), 2).await;
    change(store, AlertChange::Raise(Alert::Test), 3).await;
    change(store, AlertChange::Raise(trouble(1)), 4).await;
    let keys: Vec<_> = rows(store).await.into_iter().map(|it| it.key).collect();
    assert_eq!(keys, [trouble(1).key(), Alert::Test.key(), silence.key()]);
    let first: Vec<_> = store.alerts(1).await.unwrap_or_default();
    assert_eq!(first.into_iter().map(|it| it.key).collect::<Vec<_>>(), [trouble(1).key()]);
    assert_eq!(store.alerts(0).await, Ok(vec![]));
}

/// Every alert reads back as it was raised; all changes of a step are written.
pub async fn every_kind_of_alert_reads_back_equal(store: &dyn Store) {
    record_new(store, &[a_gift_without_currency("a"), a_dispute("b", 1, "needs_response")]).await;
    record_new(
        store,
        &[told_of("c", old(2, "refund.failed", refund("re_1", "pi_1", "failed", 5)))],
    )
    .await;
    assert_eq!(settle_all(store, later(9)).await.len(), 3);
    let silence = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    let endpoint = Alert::Endpoint {
        problem: EndpointProblem::Disabled,
        endpoint: Some(crate::samples::text("we_1")),
    };
    let raised = [
        trouble(3),
        silence,
        endpoint,
        Alert::Undelivered { events: 2, oldest_seconds: 90 },
        Alert::StripeUnseen { look: Look::Events, why: Unseen::Refused { status: 400 } },
        Alert::Unreconciled { open: 1, unseen: 2 },
        Alert::Test,
    ]
    .map(AlertChange::Raise);
    assert_eq!(store.raise(&raised, later(9)).await, Ok(()));
    let mut kinds: Vec<_> = rows(store).await.iter().map(|it| it.alert.kind()).collect();
    kinds.sort_unstable();
    let due = [
        "backlog_old",
        "dispute",
        "endpoint",
        "event_dead",
        "refund_failed",
        "silence",
        "stripe_unseen",
        "test",
        "undelivered",
        "unreconciled",
    ];
    assert_eq!(kinds, due);
    for row in rows(store).await {
        assert_eq!((row.alert.key(), row.count, row.since), (row.key, 1, later(9)));
    }
}

/// The second dead event is the same trouble, and the alert names it.
pub async fn events_that_are_given_up_are_one_trouble(store: &dyn Store) {
    record_new(store, &["a", "b"].map(a_gift_without_currency)).await;
    assert_eq!(settle_all(store, later(0)).await.len(), 2);
    assert_eq!(rows(store).await.iter().map(|it| it.count).collect::<Vec<_>>(), [2]);
}

/// Won, lost, or not a dispute after all.
pub async fn a_dispute_that_is_closed_ends_its_alert(store: &dyn Store) {
    for (name, status) in [("won", "won"), ("lost", "lost"), ("back", "warning_closed")] {
        let seen = |second, status| {
            let contested = dispute("pi_1", status).with("id", format!("du_{name}"));
            let contested = old(second, "charge.dispute.updated", contested);
            told_of(&format!("{name}_{second}"), contested)
        };
        record_new(store, &[seen(1, "needs_response")]).await;
        assert_eq!(settle_all(store, later(10)).await.len(), 1);
        assert_eq!(open(store).await, [format!("dispute:du_{name}:open")]);
        record_new(store, &[seen(2, status)]).await;
        assert_eq!(settle_all(store, later(20)).await.len(), 1);
        assert_eq!(open(store).await, [""; 0]);
    }
}

/// The bank's question is over when it takes the money.
pub async fn an_inquiry_that_becomes_a_dispute_is_another_alert(store: &dyn Store) {
    record_new(store, &[a_dispute("a", 1, "warning_needs_response")]).await;
    assert_eq!(settle_all(store, later(10)).await.len(), 1);
    assert_eq!(open(store).await, ["dispute:du_1:inquiry"]);
    record_new(store, &[a_dispute("b", 2, "needs_response")]).await;
    assert_eq!(settle_all(store, later(20)).await.len(), 1);
    assert_eq!(open(store).await, ["dispute:du_1:open"]);
}

/// The end came first: there is nothing to tell any more.
pub async fn a_dispute_that_is_told_backwards_leaves_no_alert(store: &dyn Store) {
    for (name, second, status) in
        [("c", 3, "lost"), ("b", 2, "needs_response"), ("a", 1, "warning_needs_response")]
    {
        record_new(store, &[a_dispute(name, second, status)]).await;
        assert_eq!(settle_all(store, later(10)).await.len(), 1);
        assert_eq!(rows(store).await, []);
    }
}

fn a_dispute(name: &str, second: i64, status: &str) -> Event {
    let contested = old(second, "charge.dispute.updated", dispute("pi_1", status));
    Event { received_at: later(0), ..told_of(name, contested) }
}

/// Money that comes back from the donor's bank is told when it is news.
pub async fn a_refund_that_fails_is_told_once(store: &dyn Store) {
    let failed =
        |name| told_of(name, old(5, "refund.failed", refund("re_1", "pi_a", "failed", 400)));
    let succeeded = old(1, "refund.created", refund("re_1", "pi_a", "succeeded", 400));
    record_new(store, &[a_gift("a"), failed("c"), told_of("b", succeeded)]).await;
    assert_eq!(settle_all(store, later(0)).await.len(), 3);
    let again = portal_domain::Selection::default();
    assert_eq!(store.apply(portal_domain::Remedy::Retry, &again, later(1)).await, Ok(3));
    assert_eq!(settle_all(store, later(1)).await.len(), 3);
    let seen: Vec<_> = rows(store).await.into_iter().map(|it| (it.key, it.count)).collect();
    assert_eq!(seen, [("refund_failed:re_1".to_owned(), 1)]);
}
