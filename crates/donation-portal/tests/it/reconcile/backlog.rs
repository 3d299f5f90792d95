//! A long outage: thousands of events, a bounded number of reads, and an interrupted run.

use portal_domain::report::Verdict;
use portal_testkit::stripe::{Account, CLOVER};

use crate::reconcile::world::{BEGIN, DAY, HOUR, World};
use crate::support::Result;

/// The number of payments during the outage; each makes three events that must be fetched.
const PAYMENTS: u16 = 1500;

#[test]
fn an_outage_is_made_up_for_page_by_page() -> Result {
    let mut account = Account::live(CLOVER);
    for number in (0..PAYMENTS).map(i64::from) {
        account.one_time(BEGIN + HOUR + number * 100, 1000 + number, "jpy");
    }
    let world = World::new(account)?;
    world.at(BEGIN + 2 * DAY);
    world.tend()?;
    assert_eq!(world.ledger()?, world.truth());
    let report = world.reports()?.remove(0);
    assert_eq!(report.verdict(), Verdict::Complete, "{report}");
    let reads = world.stripe.requests().len();
    let pages = 4 * usize::from(PAYMENTS) / 100;
    assert!(reads < pages * 3 / 2, "{reads} reads for {pages} pages");
    Ok(())
}
