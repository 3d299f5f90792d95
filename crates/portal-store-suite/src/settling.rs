//! Claiming and settling: each event reaches the ledger once, whoever dies in between.

use portal_domain::settle::{ATTEMPTS_MAX, LEASE, lease_of};
use portal_domain::{
    Alert, DeadReason, Event, IgnoredReason, Recorded, Remedy, Selection, Settled, Settlement,
    State, Store, StoreError, Verdict,
};

use crate::lossy::{Call, Lossy};
use crate::samples::{batch, record_new, text};
use crate::settled::{
    a_gift, a_gift_without_currency, alerts, claim, claimed, event, given, given_ids, later,
    settle, settle_all, state,
};

/// Of what is due a settler takes what came first.
pub async fn what_was_recorded_first_is_claimed_first(store: &dyn Store) {
    for (name, second) in [("c", 30), ("a", 10), ("d", 40), ("b", 20)] {
        record_new(store, &[Event { received_at: later(second), ..a_gift(name) }]).await;
    }
    assert_eq!(claimed(store, 2, later(30)).await, ["a", "c"]);
    assert_eq!(claimed(store, 2, later(30)).await, ["b"]);
    assert_eq!(claimed(store, 2, later(40)).await, ["d"]);
}

/// No event is due before it was received.
pub async fn nothing_is_claimed_before_it_is_due(store: &dyn Store) {
    given(store, &["a"]).await;
    assert_eq!(claimed(store, 10, later(-1)).await, [""; 0]);
    assert_eq!(claimed(store, 0, later(0)).await, [""; 0]);
    assert_eq!(claimed(store, 10, later(0)).await, ["a"]);
}

/// The claimed event is the recorded one, and counts the try.
pub async fn a_claim_counts_as_an_attempt(store: &dyn Store) {
    given(store, &["a"]).await;
    let first = claim(store, 1, later(0)).await;
    let whole = Event { attempts: 1, ..a_gift("a") };
    assert_eq!(first.iter().map(|it| &it.event).collect::<Vec<_>>(), [&whole]);
    assert_eq!(event(store, "a").await, whole);
    let second = claim(store, 1, later(0).after(LEASE)).await;
    assert_eq!(second.iter().map(|it| it.event.attempts).collect::<Vec<_>>(), [2]);
}

/// Whoever died leaves a lease that runs out.
pub async fn a_claimed_event_is_nobody_else_s_until_its_lease_ends(store: &dyn Store) {
    given(store, &["a"]).await;
    let first = claim(store, 10, later(0)).await;
    let end = LEASE.as_secs();
    assert_eq!(claimed(store, 10, later(0)).await, [""; 0]);
    assert_eq!(claimed(store, 10, later(end - 1)).await, [""; 0]);
    let second = claim(store, 10, later(end)).await;
    let leases = |claims: &[portal_domain::Claimed]| claims.first().map(|it| it.lease);
    assert!(leases(&second) > leases(&first), "{first:?} {second:?}");
}

/// Only what waits for its turn gets one.
pub async fn what_is_not_pending_is_never_claimed(store: &dyn Store) {
    let states = [State::Waiting, State::Done]
        .into_iter()
        .chain(DeadReason::ALL.map(State::Dead))
        .chain(IgnoredReason::ALL.map(State::Ignored));
    for (n, state) in states.enumerate() {
        record_new(store, &[Event { state, ..a_gift(&n.to_string()) }]).await;
    }
    assert_eq!(claimed(store, 100, later(1_000_000)).await, [""; 0]);
}

/// Done, and in the ledger, in one step.
pub async fn a_settled_event_is_done_and_in_the_ledger(store: &dyn Store) {
    given(store, &["a"]).await;
    let claimed = claim(store, 10, later(0)).await;
    assert_eq!(given_ids(store).await, [""; 0]);
    assert_eq!(settle(store, &claimed, later(0)).await, [Settled::Applied]);
    assert_eq!(state(store, "a").await, State::Done);
    assert_eq!(given_ids(store).await, ["pi_a"]);
}

/// Each is answered in its place.
pub async fn settlements_are_answered_one_by_one(store: &dyn Store) {
    given(store, &["a", "b", "c"]).await;
    let mut held = claim(store, 10, later(5)).await;
    held.sort_by(|a, b| a.event.id.cmp(&b.event.id));
    let one = held.get(1..2).unwrap_or_default();
    assert_eq!(settle(store, one, later(5)).await, [Settled::Applied]);
    let all = settle(store, &held, later(5)).await;
    assert_eq!(all, [Settled::Applied, Settled::Stale, Settled::Applied]);
}

/// Whoever comes back too late changes nothing: no ledger, no alert, no state.
pub async fn a_settlement_on_an_old_lease_changes_nothing(store: &dyn Store) {
    given(store, &["a"]).await;
    let old = claim(store, 10, later(0)).await;
    let new = claim(store, 10, later(0).after(LEASE)).await;
    let before = event(store, "a").await;
    for verdict in every_verdict() {
        assert_eq!(settle_as(store, &old, verdict).await, [Settled::Stale]);
        assert_eq!(event(store, "a").await, before);
        assert_eq!((given_ids(store).await.len(), alerts(store).await), (0, 0));
    }
    assert_eq!(settle(store, &new, later(100)).await, [Settled::Applied]);
}

/// The second time nothing is left to do.
pub async fn settling_twice_is_settling_once(store: &dyn Store) {
    given(store, &["a"]).await;
    let claimed = claim(store, 10, later(0)).await;
    assert_eq!(settle(store, &claimed, later(0)).await, [Settled::Applied]);
    for verdict in every_verdict() {
        assert_eq!(settle_as(store, &claimed, verdict).await, [Settled::Stale]);
        assert_eq!(state(store, "a").await, State::Done);
        assert_eq!((given_ids(store).await.len(), alerts(store).await), (1, 0));
    }
}

/// A store may have been emptied, or events pruned, while somebody settled.
pub async fn settling_what_is_not_there_changes_nothing(store: &dyn Store) {
    given(store, &["a"]).await;
    let mut claimed = claim(store, 10, later(0)).await;
    for claim in &mut claimed {
        claim.event.id = text("evt_b");
    }
    assert_eq!(settle(store, &claimed, later(0)).await, [Settled::Stale]);
    assert_eq!(given_ids(store).await, [""; 0]);
}

/// Not sooner than the retry says, though its lease has ended long before.
pub async fn an_event_to_be_tried_again_is_due_at_that_time(store: &dyn Store) {
    given(store, &["a"]).await;
    let held = claim(store, 10, later(0)).await;
    let again = Verdict::Retry { at: later(1000) };
    assert_eq!(settle_as(store, &held, again).await, [Settled::Applied]);
    assert_eq!(state(store, "a").await, State::Pending);
    assert_eq!(claimed(store, 10, later(999)).await, [""; 0]);
    let next = claim(store, 10, later(1000)).await;
    assert_eq!(next.iter().map(|it| it.event.attempts).collect::<Vec<_>>(), [2]);
    assert!(next.first().map(|it| it.lease) > held.first().map(|it| it.lease));
    assert_eq!(given_ids(store).await, [""; 0]);
}

/// The state, the reason and the alert come together.
pub async fn a_dead_event_has_a_reason_and_raises_its_alert(store: &dyn Store) {
    record_new(store, &[a_gift_without_currency("a")]).await;
    let claimed = claim(store, 10, later(0)).await;
    assert_eq!(settle(store, &claimed, later(7)).await, [Settled::Applied]);
    assert_eq!(state(store, "a").await, State::Dead(DeadReason::FactsMissing));
    let rows = store.alerts(10).await.unwrap_or_default();
    let seen: Vec<_> = rows.iter().map(|it| (&it.alert, it.open, it.count, it.since)).collect();
    assert_eq!(seen, [(&a_dead_event(), true, 1, later(7))]);
}

/// All of it, or nothing: of one event, and of all that are settled together.
pub async fn a_settlement_that_fails_leaves_nothing(store: &dyn Store) {
    given(store, &["a"]).await;
    record_new(store, &[a_gift_without_currency("b")]).await;
    let held = claim(store, 10, later(0)).await;
    let before = (event(store, "a").await, event(store, "b").await);
    let lossy = Lossy::new(store);
    lossy.plan(Call::Fails(StoreError::Full));
    let settlements: Vec<_> = held.iter().map(portal_domain::settle::settlement).collect();
    assert_eq!(lossy.settle(&settlements, later(0)).await, Err(StoreError::Full));
    assert_eq!((event(store, "a").await, event(store, "b").await), before);
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (0, 0));
    assert_eq!(lossy.settle(&settlements, later(0)).await, Ok(vec![Settled::Applied; 2]));
}

/// A repeat is no event, and so has no effect.
pub async fn a_repeat_of_a_settled_event_is_not_settled_again(store: &dyn Store) {
    given(store, &["a"]).await;
    assert_eq!(settle_all(store, later(0)).await.len(), 1);
    let again = store.record(&batch([a_gift("a")])).await;
    assert_eq!(again, Ok(vec![Recorded::Duplicate]));
    assert_eq!(settle_all(store, later(1000)).await, []);
    assert_eq!(state(store, "a").await, State::Done);
}

/// Every try ended without a word: whoever tried died each time.
pub async fn an_event_that_kills_its_settlers_is_given_up(store: &dyn Store) {
    given(store, &["a"]).await;
    let mut now = later(0);
    for attempt in 1..=ATTEMPTS_MAX {
        let claims = claim(store, 10, now).await;
        assert_eq!(claims.iter().map(|it| it.event.attempts).collect::<Vec<_>>(), [attempt]);
        now = now.after(lease_of(attempt));
    }
    assert_eq!(settle_all(store, now).await.len(), 1);
    assert_eq!(state(store, "a").await, State::Dead(DeadReason::AttemptsExhausted));
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (0, 1));
    let which = Selection::default();
    assert_eq!(store.apply(Remedy::Retry, &which, now).await, Ok(1));
    assert_eq!(settle_all(store, now).await.len(), 1);
    assert_eq!(state(store, "a").await, State::Done);
}

fn a_dead_event() -> Alert {
    let event_type = text("payment_intent.succeeded");
    Alert::EventDead { event: text("evt_a"), event_type, reason: DeadReason::FactsMissing }
}

fn every_verdict() -> [Verdict; 3] {
    let changes = portal_domain::ledger::changes(&a_gift("a")).unwrap_or_default();
    assert!(!changes.is_empty());
    [
        Verdict::Done(changes),
        Verdict::Retry { at: later(5000) },
        Verdict::Dead { reason: DeadReason::FactsMissing, alert: a_dead_event() },
    ]
}

async fn settle_as(
    store: &dyn Store,
    claimed: &[portal_domain::Claimed],
    verdict: Verdict,
) -> Vec<Settled> {
    let settlement = |it: &portal_domain::Claimed| Settlement {
        event: it.event.id.clone(),
        lease: it.lease,
        verdict: verdict.clone(),
    };
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    store.settle(&settlements, later(100)).await.unwrap_or_default()
}
