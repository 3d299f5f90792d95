//! The number of reads that payouts cost.

use portal_testkit::stripe::{Account, CLOVER, Schedule};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE, World};
use crate::support::Result;

/// The days before the month that is counted, in which payouts begin to arrive.
const DAYS_BEFORE: i64 = 14;

/// The days that are counted: four weekly payouts.
const DAYS: i64 = 28;

/// The reads at 10,000 donations in 30 days, 1.1 lines each: five pages of lines a day, with an overlap of
/// an eighth, the list of payouts and the balance, and 26 pages of lines a payout. In 30 days that is 321.
const READS_MAX: usize = 28 * 5 + 28 * 2 + 4 * 26;

/// A tenth of the donations stands for all of them, on pages of a tenth: the number of pages is the same.
#[test]
fn a_month_of_ten_thousand_donations_costs_few_reads() -> Result {
    let mut account = Account::live(CLOVER);
    account.balance.page_max = 10;
    let days = DAYS_BEFORE + DAYS;
    for number in 0..days * 33 {
        let at = BEGIN + number * DAY / 33;
        let gift = account.one_time_without_session(at, 3_000, "jpy");
        if number % 10 == 0 {
            account.refund(&gift, at + 30 * MINUTE, 1_000);
        }
    }
    account.pay_out_on(Schedule::Weekly, BEGIN, BEGIN + days * DAY);
    let world = World::new(account)?;
    let mut before = 0;
    for third in 1..=days * 3 {
        world.at(BEGIN + third * 8 * HOUR);
        world.tend_payouts()?;
        if third == DAYS_BEFORE * 3 {
            before = world.stripe.requests().len();
        }
    }
    let reads = world.stripe.requests().len() - before;
    assert!((READS_MAX * 9 / 10..=READS_MAX).contains(&reads), "{reads}");
    Ok(())
}
