//! The count of reads at Stripe, which all processes of a store share.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use futures::future::join_all;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{Jobs as _, Store, StoreError, UnixSeconds};

use crate::lossy::{Call, Lossy};
use crate::samples::at;

/// Returns the time `days` days and `seconds` seconds after a midnight in UTC.
fn day(days: i64, seconds: i64) -> UnixSeconds {
    at((20_000 + days) * 24 * 3600 + seconds)
}

async fn spend(store: &dyn Store, reads: u32, now: UnixSeconds) -> u64 {
    store.spend(reads, now).await.expect("counted")
}

/// Each result includes the new reads; adding 0 returns the sum.
pub(crate) async fn reads_add_up(store: &dyn Store) {
    assert_eq!(spend(store, 0, day(0, 0)).await, 0);
    assert_eq!(spend(store, 3, day(0, 0)).await, 3);
    assert_eq!(spend(store, 2, day(0, 86_399)).await, 5);
    assert_eq!(spend(store, 0, day(0, 86_399)).await, 5);
    assert_eq!(spend(store, 10, day(1, 0)).await, 15);
    assert_eq!(spend(store, 0, day(1, 5)).await, 15);
}

/// The sum has today and the 29 days before.
pub(crate) async fn reads_count_for_thirty_days(store: &dyn Store) {
    assert_eq!(spend(store, 100, day(0, 86_399)).await, 100);
    assert_eq!(spend(store, 20, day(1, 0)).await, 120);
    assert_eq!(spend(store, 0, day(BUDGET_DAYS - 1, 86_399)).await, 120);
    assert_eq!(spend(store, 0, day(BUDGET_DAYS, 0)).await, 20);
    assert_eq!(spend(store, 3, day(BUDGET_DAYS, 0)).await, 23);
    assert_eq!(spend(store, 1, day(BUDGET_DAYS + 1, 0)).await, 4);
    assert_eq!(spend(store, 0, day(1000, 0)).await, 0);
}

/// The days are those of the sum.
pub(crate) async fn reads_are_told_by_day(store: &dyn Store) {
    let by_day = async |now| store.reads_by_day(now).await;
    assert_eq!(by_day(day(0, 0)).await, Ok(vec![]));
    for (after, reads) in [(0, 100), (1, 20), (3, 5), (3, 6)] {
        spend(store, reads, day(after, 7)).await;
    }
    let all = [(20_000, 100), (20_001, 20), (20_003, 11)];
    assert_eq!(by_day(day(3, 0)).await, Ok(all.to_vec()));
    assert_eq!(by_day(day(BUDGET_DAYS, 0)).await, Ok(all[1..].to_vec()));
    assert_eq!(by_day(day(1, 0)).await, Ok(all[..2].to_vec()));
}

/// No read is lost, and the last result includes all.
pub(crate) async fn concurrent_reads_are_all_counted(store: &dyn Store) {
    let spent = join_all((0..20).map(|_| spend(store, 1, day(0, 0)))).await;
    assert_eq!(spent.into_iter().max(), Some(20));
    assert_eq!(spend(store, 0, day(0, 0)).await, 20);
}

/// A process whose count failed does not read, so the budget is not exceeded.
pub(crate) async fn reads_whose_count_is_lost_are_counted(store: &dyn Store) {
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.spend(7, day(0, 0)).await, Err(StoreError::Busy));
    assert_eq!(spend(store, 0, day(0, 0)).await, 7);
}
