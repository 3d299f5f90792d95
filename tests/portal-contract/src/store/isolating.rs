//! Recording a batch so that no event costs another one its acknowledgement.

use portal_domain::Recorded::{Duplicate, New, WithoutChanges};
use portal_domain::alert::EVENT_DEAD;
use portal_domain::record::{record_all, reprocess_all};
use portal_domain::{DeadReason, Recorded, Selection, State, Store, StoreError};

use crate::fixtures::{a_dead_gift, a_gift, alerts, decided_again, given_ids, later, open, state};
use crate::lossy::{Call, Lossy};
use crate::samples::{batch, everything, listed, record_new};

const PROCESSED: Result<Recorded, StoreError> = Ok(New(State::Processed));
const LEDGER_FAILED: State = State::Dead(DeadReason::LedgerFailed);

fn failed() -> StoreError {
    StoreError::Failed("a sample".into())
}

fn fails() -> Call {
    Call::Fails(failed())
}

/// Records a gift for each name. The store's calls go as planned, and work after that.
async fn record(
    store: &dyn Store,
    names: &[&str],
    calls: &[Call],
) -> Vec<Result<Recorded, StoreError>> {
    let lossy = Lossy::new(store);
    for call in calls {
        lossy.plan(call.clone());
    }
    record_all(&lossy, &batch(names.iter().map(|it| a_gift(it))), later(0)).await
}

/// Without an error the batch is one call.
pub(crate) async fn what_the_store_takes_is_recorded_together(store: &dyn Store) {
    record_new(store, &[a_gift("b")]).await;
    let recorded = record(store, &["a", "b", "c"], &[Call::Works]).await;
    assert_eq!(recorded, [PROCESSED, Ok(Duplicate), PROCESSED]);
    assert_eq!(record(store, &[], &[]).await, []);
    assert_eq!(given_ids(store).await, ["pi_c", "pi_b", "pi_a"]);
}

/// The store may refuse one of the events; the others are recorded.
pub(crate) async fn a_batch_that_the_store_refuses_is_recorded_one_by_one(store: &dyn Store) {
    for (names, error) in
        [(["a", "b"], failed()), (["c", "d"], StoreError::AccessDenied("no".into()))]
    {
        let recorded = record(store, &names, &[Call::Fails(error)]).await;
        assert_eq!(recorded, [PROCESSED, PROCESSED]);
    }
    assert_eq!(given_ids(store).await, ["pi_d", "pi_c", "pi_b", "pi_a"]);
    assert_eq!(alerts(store).await, []);
}

/// The event is acknowledged nevertheless, and an alert is raised.
pub(crate) async fn an_event_whose_changes_fail_is_dead_and_its_neighbours_are_processed(
    store: &dyn Store,
) {
    let calls = [
        fails(),     // all together
        Call::Works, // the first
        fails(),     // the second
        Call::Works, // the second without its changes
    ];
    let recorded = record(store, &["a", "b", "c"], &calls).await;
    assert_eq!(recorded, [PROCESSED, Ok(WithoutChanges(failed())), PROCESSED]);
    assert_eq!(state(store, "b").await, LEDGER_FAILED);
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
    assert_eq!(open(store).await, [EVENT_DEAD]);
}

/// The same error would come for each event alone.
pub(crate) async fn a_store_that_is_busy_or_full_is_not_asked_again(store: &dyn Store) {
    for error in [StoreError::Busy, StoreError::Full, StoreError::ReadOnly, StoreError::TimedOut] {
        let recorded = record(store, &["a", "b"], &[Call::Fails(error.clone())]).await;
        assert_eq!(recorded, [Err(error.clone()), Err(error)]);
        assert_eq!(listed(store, &everything()).await, [""; 0]);
    }
}

/// An event that was recorded before that stays so.
pub(crate) async fn a_store_that_becomes_busy_midway_is_not_asked_again(store: &dyn Store) {
    let calls = [fails(), Call::Works, Call::Fails(StoreError::Busy)];
    let recorded = record(store, &["a", "b", "c"], &calls).await;
    assert_eq!(recorded, [PROCESSED, Err(StoreError::Busy), Err(StoreError::Busy)]);
    assert_eq!(listed(store, &everything()).await, ["evt_a"]);
}

/// Each event was tried with and without its changes, so the error is not about the events.
pub(crate) async fn a_store_that_takes_three_in_a_row_in_no_form_is_not_asked_again(
    store: &dyn Store,
) {
    let recorded = record(store, &["a", "b", "c", "d", "e"], &vec![fails(); 7]).await;
    assert_eq!(recorded, vec![Err(failed()); 5]);
    assert_eq!(listed(store, &everything()).await, [""; 0]);
}

/// A recorded event shows that the error is about the others.
pub(crate) async fn two_in_a_row_that_are_taken_in_no_form_cost_nobody_else(store: &dyn Store) {
    let two = vec![fails(); 4];
    let calls = [vec![fails()], two.clone(), vec![Call::Works], two].concat();
    let recorded = record(store, &["a", "b", "c", "d", "e", "f"], &calls).await;
    let lost = || Err(failed());
    assert_eq!(recorded, [lost(), lost(), PROCESSED, lost(), lost(), PROCESSED]);
    assert_eq!(given_ids(store).await, ["pi_f", "pi_c"]);
}

/// Recorded again one by one, the events are duplicates.
pub(crate) async fn a_lost_acknowledgement_that_looks_like_a_failure_is_a_duplicate(
    store: &dyn Store,
) {
    let recorded = record(store, &["a", "b"], &[Call::SavesThenFails(failed())]).await;
    assert_eq!(recorded, [Ok(Duplicate), Ok(Duplicate)]);
    assert_eq!(
        (state(store, "a").await, state(store, "b").await),
        (State::Processed, State::Processed)
    );
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (2, vec![]));
}

/// The event without its changes must not replace the one with them.
pub(crate) async fn an_event_recorded_under_a_lost_acknowledgement_does_not_die(store: &dyn Store) {
    let calls = [fails(), Call::SavesThenFails(failed())];
    assert_eq!(record(store, &["a", "b"], &calls).await, [Ok(Duplicate), PROCESSED]);
    assert_eq!(state(store, "a").await, State::Processed);
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (2, vec![]));
}

/// The rule is that of recording; an event that was dead raises no alert again.
pub(crate) async fn a_reprocessing_that_fails_costs_no_other_one_its_own(store: &dyn Store) {
    record_new(store, &["a", "b", "c"].map(a_dead_gift)).await;
    let before = alerts(store).await;
    let lossy = Lossy::new(store);
    for call in [fails(), Call::Works, fails()] {
        lossy.plan(call);
    }
    let steps = decided_again(store, &Selection::default()).await;
    let states = reprocess_all(&lossy, &steps, later(9)).await;
    let due = [State::Processed, LEDGER_FAILED, State::Processed].map(|it| Ok(Some(it)));
    assert_eq!(states, due);
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (2, before));
    let again = reprocess_all(store, &steps, later(9)).await;
    assert_eq!(again, [Ok(None), Ok(None), Ok(None)]);
}
