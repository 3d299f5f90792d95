//! Completeness reports: filing and listing.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use futures::future::join_all;
use portal_domain::report::Difference;
use portal_domain::{ReadError, Report, Reports as _, Resource, Store, StoreError, Window};

use crate::fixtures::later;
use crate::lossy::{Call, Lossy};
use crate::samples::text;

/// Returns a report made `second` seconds after the beginning.
fn a_report(second: i64) -> Report {
    let window = Window { since: later(second - 3600), until: later(second) };
    Report { shown: 7, made_at: later(second + 5), ..Report::new(window, true) }
}

async fn file(store: &dyn Store, report: &Report) -> u64 {
    store.file_report(report).await.expect("filed")
}

async fn numbers(store: &dyn Store, number: Option<u64>, limit: u32) -> Vec<u64> {
    let reports = store.reports(number, limit).await.expect("reports");
    reports.into_iter().map(|it| it.0).collect()
}

/// All findings and unread resources are stored.
pub(crate) async fn a_report_reads_back_equal(store: &dyn Store) {
    let mut full = a_report(0);
    for (n, difference) in [
        Difference::MissingHere,
        Difference::MissingThere,
        Difference::Amount,
        Difference::State,
        Difference::Refunded,
        Difference::Provisional,
        Difference::CountedTwice,
    ]
    .into_iter()
    .enumerate()
    {
        full.found(text(&format!("pi_{n}")), difference, n % 2 == 0);
    }
    for &look in Resource::ALL {
        full.unread_resource(look, ReadError::NotAllowed);
    }
    full.unread_resource(Resource::Events, ReadError::Failing { status: 500 });
    let empty = Report { livemode: false, ..a_report(9) };
    assert_eq!((file(store, &full).await, file(store, &empty).await), (1, 2));
    assert_eq!(store.reports(None, 10).await, Ok(vec![(2, empty), (1, full)]));
}

/// Numbers have no gap; the last filed report is the last one, whatever its time.
pub(crate) async fn reports_are_numbered_and_listed_last_first(store: &dyn Store) {
    assert_eq!(numbers(store, None, 10).await, [0_u64; 0]);
    for (number, second) in [(1, 50), (2, 10), (3, 90)] {
        assert_eq!(file(store, &a_report(second)).await, number);
    }
    assert_eq!(numbers(store, None, 10).await, [3, 2, 1]);
    assert_eq!(numbers(store, None, 2).await, [3, 2]);
    assert_eq!(numbers(store, None, 0).await, [0_u64; 0]);
    assert_eq!(store.reports(Some(2), 10).await, Ok(vec![(2, a_report(10))]));
    assert_eq!(numbers(store, Some(4), 10).await, [0_u64; 0]);
    assert_eq!(numbers(store, Some(0), 10).await, [0_u64; 0]);
    assert_eq!(numbers(store, Some(u64::MAX), 10).await, [0_u64; 0]);
}

/// Reports filed at the same time get different numbers.
pub(crate) async fn concurrent_reports_have_a_number_each(store: &dyn Store) {
    let reports: Vec<_> = (0..10).map(a_report).collect();
    let mut filed = join_all(reports.iter().map(|it| file(store, it))).await;
    filed.sort_unstable();
    assert_eq!(filed, (1..=10).collect::<Vec<_>>());
}

/// The report is filed, and the next one gets the next number.
pub(crate) async fn a_report_whose_number_is_lost_is_filed(store: &dyn Store) {
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.file_report(&a_report(0)).await, Err(StoreError::Busy));
    assert_eq!(file(store, &a_report(0)).await, 2);
    assert_eq!(numbers(store, None, 10).await, [2, 1]);
}
