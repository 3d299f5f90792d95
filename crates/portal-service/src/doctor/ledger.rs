//! Compares the stored values of each donation with those that follow from the ledger.

use portal_domain::money::counted;
use portal_domain::{ObjectId, Store, text};

use super::finding::{Check, CheckFinding};

/// The maximum number of differing rows counted.
const COUNTED_MAX: u32 = 100;

/// Reads the whole ledger.
pub async fn check(store: &dyn Store) -> CheckFinding {
    match store.check_ledger(COUNTED_MAX).await {
        Ok(differ) => judge(&differ),
        Err(error) => {
            let what = text!("check the ledger", "台帳を検査できません");
            CheckFinding::store_failed(Check::Ledger, &what, &error)
        }
    }
}

fn judge(differ: &[ObjectId]) -> CheckFinding {
    if differ.is_empty() {
        return CheckFinding::ok(
            Check::Ledger,
            text!(
                "the stored values of every donation follow from the ledger",
                "どの寄付の保存値も、台帳と一致しています"
            ),
        );
    }
    let is_all = differ.len() < COUNTED_MAX as usize;
    let (or_more, or_more_ja) = if is_all { ("", "") } else { (" or more", "以上") };
    let (count, rows) = (differ.len(), counted(differ.len() as u64, "row"));
    CheckFinding::wrong(
        Check::Ledger,
        text!(
            "{rows}{or_more} with stored values that do not follow from the ledger",
            "保存値が台帳と一致しない行が {count} 件{or_more_ja}あります"
        ),
        text!(
            "list them with `donation-portal ledger check`; update them with `--repair`",
            "`donation-portal ledger check` で一覧を表示し、`--repair` で更新できます"
        ),
    )
}
