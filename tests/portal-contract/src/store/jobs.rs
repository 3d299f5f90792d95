//! Jobs: one process works on a job for all, and another continues if it ends.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use futures::future::join_all;
use jiff::SignedDuration;
use portal_domain::{JobRow, Jobs as _, Lease, LeasedJob, Store, StoreError, Written};

use crate::fixtures::later;
use crate::lossy::{Call, Lossy};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

async fn begin(store: &dyn Store, name: &str, second: i64) -> Option<LeasedJob> {
    store.lease_job(name, LEASE, later(second)).await.expect("an answer")
}

/// Leases a job that is due.
async fn begun(store: &dyn Store, name: &str, second: i64) -> Lease {
    begin(store, name, second).await.expect("it is due").lease
}

async fn position(store: &dyn Store, name: &str) -> Option<String> {
    store.job_state(name).await.expect("an answer")
}

/// A job needs no set-up.
pub(crate) async fn a_job_that_never_began_is_due_at_once(store: &dyn Store) {
    let first = begin(store, "a", 0).await.expect("it is due");
    assert_eq!(first.state, None);
    assert_eq!(position(store, "a").await, None);
}

/// The lease of a process that died expires.
pub(crate) async fn a_begun_job_is_begun_by_nobody_else_until_its_lease_ends(store: &dyn Store) {
    let first = begun(store, "a", 0).await;
    for second in [0, 1, 59] {
        assert_eq!(begin(store, "a", second).await, None, "{second}");
    }
    let second = begun(store, "a", 60).await;
    assert!(second > first, "{second:?} after {first:?}");
    assert_eq!(begin(store, "a", 119).await, None);
    assert!(begun(store, "a", 120).await > second);
}

/// The job is due at the saved time, with the saved state.
pub(crate) async fn a_job_goes_on_where_it_was_left(store: &dyn Store) {
    let lease = begun(store, "a", 0).await;
    assert_eq!(store.save_job("a", lease, "here", later(300)).await, Ok(Written::Applied));
    assert_eq!(begin(store, "a", 299).await, None);
    let next = begin(store, "a", 300).await.expect("it is due");
    assert_eq!(next.state.as_deref(), Some("here"));
    assert!(next.lease > lease);
    // The lease expired without a save, so the state is the old one.
    let after_a_death = begin(store, "a", 360).await.expect("it is due");
    assert_eq!(after_a_death.state.as_deref(), Some("here"));
}

/// A lease allows any number of saves; the next run may be earlier than before.
pub(crate) async fn a_job_is_kept_step_by_step_under_one_lease(store: &dyn Store) {
    let lease = begun(store, "a", 0).await;
    for (step, due_at) in [("one", 90), ("two", 150), ("three", 20)] {
        assert_eq!(store.save_job("a", lease, step, later(due_at)).await, Ok(Written::Applied));
        assert_eq!(position(store, "a").await.as_deref(), Some(step));
        assert_eq!(begin(store, "a", due_at - 1).await, None);
    }
    let next = begin(store, "a", 20).await.expect("it is due");
    assert_eq!(next.state.as_deref(), Some("three"));
}

/// A save under an expired lease changes nothing.
pub(crate) async fn keeping_on_an_old_lease_changes_nothing(store: &dyn Store) {
    let old = begun(store, "a", 0).await;
    let new = begun(store, "a", 60).await;
    assert_eq!(store.save_job("a", old, "old", later(0)).await, Ok(Written::Stale));
    assert_eq!((position(store, "a").await, begin(store, "a", 119).await), (None, None));
    assert_eq!(store.save_job("a", new, "new", later(100)).await, Ok(Written::Applied));
    assert_eq!(store.save_job("a", old, "old", later(0)).await, Ok(Written::Stale));
    assert_eq!(store.save_job("x", new, "x", later(0)).await, Ok(Written::Stale));
    assert_eq!(position(store, "a").await.as_deref(), Some("new"));
    assert_eq!(position(store, "x").await, None);
}

/// They have separate leases and states.
pub(crate) async fn jobs_of_two_names_are_two_jobs(store: &dyn Store) {
    let a = begun(store, "a", 0).await;
    let b = begun(store, "b", 0).await;
    assert_eq!(store.save_job("a", a, "in a", later(10)).await, Ok(Written::Applied));
    assert_eq!(store.save_job("b", b, "in b", later(20)).await, Ok(Written::Applied));
    assert_eq!(begin(store, "b", 10).await, None);
    let next = begin(store, "a", 10).await.expect("it is due");
    assert_eq!(next.state.as_deref(), Some("in a"));
}

/// Reading the state takes no lease.
pub(crate) async fn looking_at_a_position_takes_nothing(store: &dyn Store) {
    assert_eq!(position(store, "a").await, None);
    let lease = begun(store, "a", 0).await;
    assert_eq!(position(store, "a").await, None);
    assert_eq!(store.save_job("a", lease, "here", later(5)).await, Ok(Written::Applied));
    assert_eq!(position(store, "a").await.as_deref(), Some("here"));
    assert!(begun(store, "a", 5).await > lease);
}

/// The state may hold all findings so far.
pub(crate) async fn a_long_position_reads_back_equal(store: &dyn Store) {
    let long = format!(r#"{{"findings": "{}", "nothing": ""}}"#, "in_1'\\\u{e9}".repeat(20_000));
    let lease = begun(store, "a", 0).await;
    for kept in [&*long, ""] {
        assert_eq!(store.save_job("a", lease, kept, later(5)).await, Ok(Written::Applied));
        assert!(position(store, "a").await.as_deref() == Some(kept));
    }
}

/// An operator sees which jobs run, and when each began last.
pub(crate) async fn jobs_are_listed_with_their_times(store: &dyn Store) {
    assert_eq!(store.jobs().await, Ok(Vec::new()));
    let lease = begun(store, "b", 3).await;
    begun(store, "a", 5).await;
    let row = |name: &str, leased_at, due_at| JobRow {
        name: name.to_owned(),
        leased_at: later(leased_at),
        due_at: later(due_at),
    };
    assert_eq!(store.jobs().await, Ok(vec![row("a", 5, 65), row("b", 3, 63)]));
    assert_eq!(store.save_job("b", lease, "here", later(300)).await, Ok(Written::Applied));
    assert_eq!(store.jobs().await, Ok(vec![row("a", 5, 65), row("b", 3, 300)]));
    assert_eq!(begin(store, "b", 299).await, None);
    begun(store, "b", 301).await;
    assert_eq!(store.jobs().await, Ok(vec![row("a", 5, 65), row("b", 301, 361)]));
}

/// Two processes try to lease the job at the same time.
pub(crate) async fn concurrent_beginnings_have_one_winner(store: &dyn Store) {
    for second in [0, 60] {
        let begun = join_all((0..20).map(|_| begin(store, "a", second))).await;
        assert_eq!(begun.into_iter().flatten().count(), 1);
    }
}

/// The job is due again when the lost lease expires.
pub(crate) async fn a_beginning_whose_answer_is_lost_comes_back(store: &dyn Store) {
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.lease_job("a", LEASE, later(0)).await, Err(StoreError::Busy));
    assert_eq!(begin(store, "a", 59).await, None);
    assert_eq!(begun(store, "a", 60).await, Lease(2));
}

/// The state is saved; saving it again changes nothing.
pub(crate) async fn a_position_whose_answer_is_lost_is_kept(store: &dyn Store) {
    let lease = begun(store, "a", 0).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.save_job("a", lease, "here", later(9)).await, Err(StoreError::Busy));
    assert_eq!(position(store, "a").await.as_deref(), Some("here"));
    assert_eq!(lossy.save_job("a", lease, "here", later(9)).await, Ok(Written::Applied));
    let next = begin(store, "a", 9).await.expect("it is due");
    assert_eq!(next.state.as_deref(), Some("here"));
}
