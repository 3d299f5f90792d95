//! Settling what is due where the store fails, or where its answer is lost.

use portal_domain::settle::{LEASE, Outcome, Result, settle_due};
use portal_domain::{State, Store, StoreError};

use crate::lossy::{Call, Lossy};
use crate::settled::{alerts, event, given, given_ids, later, settle_all, state};

fn failed() -> StoreError {
    StoreError::Failed("a sample".into())
}

fn results(outcomes: &[Outcome]) -> Vec<Result> {
    outcomes.iter().map(|it| it.result).collect()
}

/// Claimed, and the settler does not learn of it: the events come back with their lease's end.
pub async fn a_claim_whose_answer_is_lost_comes_back(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(settle_due(&lossy, 10, later(5), 0).await, Err(StoreError::Busy));
    assert_eq!(settle_all(store, later(5)).await, []);
    assert_eq!(settle_all(store, later(5).after(LEASE)).await.len(), 2);
    assert_eq!(given_ids(store).await, ["pi_b", "pi_a"]);
}

/// Settled, and the settler does not learn of it: nothing is due any more.
pub async fn a_settlement_whose_answer_is_lost_is_done(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::Works);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(settle_due(&lossy, 10, later(5), 0).await, Err(StoreError::Busy));
    assert_eq!((state(store, "a").await, state(store, "b").await), (State::Done, State::Done));
    assert_eq!(settle_all(store, later(5).after(LEASE)).await, []);
    assert_eq!(given_ids(store).await, ["pi_b", "pi_a"]);
}

/// A store that is busy or full is not asked about each event in turn.
pub async fn a_settlement_that_fails_for_the_store_s_sake_comes_back(store: &dyn Store) {
    given(store, &["a"]).await;
    for error in [StoreError::Busy, StoreError::Full, StoreError::ReadOnly] {
        let now = later(5)
            .after(LEASE * 2 * i32::try_from(event(store, "a").await.attempts).unwrap_or(1));
        let lossy = Lossy::new(store);
        lossy.plan(Call::Works);
        lossy.plan(Call::Fails(error.clone()));
        assert_eq!(settle_due(&lossy, 10, now, 0).await, Err(error));
        assert_eq!(state(store, "a").await, State::Pending);
    }
    assert_eq!(results(&settle_all(store, later(5000)).await), [Result::Settled]);
}

/// What the store cannot take does not hold up the others, and is tried again later.
pub async fn an_event_that_the_store_cannot_take_waits_alone(store: &dyn Store) {
    given(store, &["a", "b", "c"]).await;
    let lossy = Lossy::new(store);
    for call in [
        Call::Works,           // claims all
        Call::Fails(failed()), // settles all
        Call::Works,           // settles one
        Call::Fails(failed()), // settles another
        Call::Works,           // puts that one off
        Call::Works,           // settles the last
    ] {
        lossy.plan(call);
    }
    let outcomes = settle_due(&lossy, 10, later(5), 0).await.unwrap_or_default();
    let again_at = later(15);
    assert_eq!(results(&outcomes), [Result::Settled, Result::Retry(again_at), Result::Settled]);
    assert_eq!(given_ids(store).await.len(), 2);
    assert_eq!(settle_all(store, later(14)).await, []);
    assert_eq!(results(&settle_all(store, again_at).await), [Result::Settled]);
    assert_eq!(given_ids(store).await.len(), 3);
}

/// Asked again one by one, the store says that they are settled already.
pub async fn a_lost_answer_that_looks_like_a_failure_settles_once(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::Works);
    lossy.plan(Call::SavesThenFails(failed()));
    let outcomes = settle_due(&lossy, 10, later(5), 0).await.unwrap_or_default();
    assert_eq!(results(&outcomes), [Result::Stale, Result::Stale]);
    assert_eq!((state(store, "a").await, state(store, "b").await), (State::Done, State::Done));
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (2, 0));
}

/// The put-off that follows a lost answer must not take a settled event back.
pub async fn an_event_settled_under_a_lost_answer_is_not_put_off(store: &dyn Store) {
    given(store, &["a"]).await;
    let lossy = Lossy::new(store);
    for call in [Call::Works, Call::Fails(failed()), Call::SavesThenFails(failed())] {
        lossy.plan(call);
    }
    let outcomes = settle_due(&lossy, 10, later(5), 0).await.unwrap_or_default();
    assert_eq!(results(&outcomes), [Result::Stale]);
    assert_eq!(state(store, "a").await, State::Done);
}

/// Each failure waits longer than the one before, and the last one is the last.
pub async fn an_event_that_always_fails_is_tried_for_hours_and_then_given_up(store: &dyn Store) {
    given(store, &["a"]).await;
    let (mut now, mut waits) = (later(5), vec![]);
    let reason = loop {
        let lossy = Lossy::new(store);
        lossy.plan(Call::Works);
        if waits.len() < 12 {
            lossy.plan(Call::Fails(failed()));
            lossy.plan(Call::Fails(failed()));
        }
        let outcomes = settle_due(&lossy, 10, now, 0).await.unwrap_or_default();
        match results(&outcomes).as_slice() {
            [Result::Retry(at)] => {
                waits.push(at.since(now));
                now = *at;
            }
            other => break other.to_vec(),
        }
    };
    assert_eq!(reason, [Result::Dead(portal_domain::DeadReason::AttemptsExhausted)]);
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
    assert_eq!(alerts(store).await, 1);
}
