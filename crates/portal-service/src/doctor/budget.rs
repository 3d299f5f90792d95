//! The budget of reads at Stripe, and the interval between polls that it allows.

use portal_domain::money::number_for_people;
use portal_domain::read_budget::{BUDGET_DAYS, poll_every};
use portal_domain::{Store, UnixSeconds, text};
use portal_outbound::{Language, duration};

use super::finding::{Check, CheckFinding};

/// The percentage of the budget from which on its use is a warning.
const WARNING_PERCENT: u64 = 80;

pub(super) async fn check(store: &dyn Store, budget: u64, now: UnixSeconds) -> CheckFinding {
    match store.spend(0, now).await {
        Ok(spent) => judge(spent, budget),
        Err(error) => {
            let what = text!("count the reads at Stripe", "Stripe の読み取り回数を数えられません");
            CheckFinding::store_failed(Check::Budget, &what, &error)
        }
    }
}

fn judge(spent: u64, budget: u64) -> CheckFinding {
    let seconds = poll_every(budget.saturating_sub(spent)).as_secs();
    let [en, ja] = Language::ALL.map(|language| duration(seconds, language));
    let (used, of) = (number_for_people(spent), number_for_people(budget));
    let found = text!(
        "{used} of {of} reads used in {BUDGET_DAYS} days; Stripe is polled every {en}",
        "{BUDGET_DAYS} 日間の読み取り {of} 回のうち {used} 回を使用。Stripe への照会は {ja}ごと"
    );
    if spent.saturating_mul(100) < budget.saturating_mul(WARNING_PERCENT) {
        return CheckFinding::ok(Check::Budget, found);
    }
    CheckFinding::warning(
        Check::Budget,
        found,
        text!(
            "have other programs read less with this account's keys; if the account may read more, raise READ_BUDGET",
            "このアカウントのキーを使うほかのプログラムの読み取りを減らしてください。アカウントの上限に余裕があれば、READ_BUDGET を増やしてください"
        ),
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
    fn the_interval_between_polls_is_named() {
        let found = judge(1, 8000).found.en;
        assert_eq!(&*found, "1 of 8,000 reads used in 30 days; Stripe is polled every 5 min");
    }
}
