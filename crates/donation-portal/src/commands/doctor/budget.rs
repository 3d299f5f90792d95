//! The reads at Stripe, and how often it is asked.

use portal_domain::read_budget::{BUDGET_DAYS, poll_every};
use portal_domain::{Store, UnixSeconds};

use super::database;
use super::finding::{Check, CheckFinding};
use crate::commands::finish;

/// From how many hundredths of the budget on somebody should see to it.
const WARNING_PERCENT: u64 = 80;

pub(super) fn check(store: &dyn Store, budget: u64, now: UnixSeconds) -> CheckFinding {
    match finish("count the reads at Stripe", store.spend(0, now)) {
        Ok(spent) => judge(spent, budget),
        Err(failure) => database::failed(Check::Budget, &failure),
    }
}

fn judge(spent: u64, budget: u64) -> CheckFinding {
    let every = poll_every(budget.saturating_sub(spent));
    let found = format!(
        "{spent} of {budget} reads in {BUDGET_DAYS} days; Stripe is asked what happened every {every:#}"
    );
    if spent.saturating_mul(100) < budget.saturating_mul(WARNING_PERCENT) {
        return CheckFinding::ok(Check::Budget, found);
    }
    CheckFinding::warning(
        Check::Budget,
        found,
        "let no other program read with this account's keys so often; where the account may read more, raise READ_BUDGET",
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::judge;

    #[test]
    fn four_fifths_of_the_budget_are_a_warning() {
        assert_eq!(judge(799, 1000).level, Level::Ok);
        assert_eq!(judge(800, 1000).level, Level::Warning);
        assert_eq!(judge(2000, 1000).level, Level::Warning);
    }

    #[test]
    fn it_is_said_how_often_stripe_is_asked() {
        let found = judge(1, 8000).found;
        assert_eq!(found, "1 of 8000 reads in 30 days; Stripe is asked what happened every 5m");
    }
}
