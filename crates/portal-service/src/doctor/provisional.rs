//! Provisional donations: payments that may belong to an invoice, and are in no total until that is
//! known.

use portal_domain::money::{counted, number_for_people};
use portal_domain::{DonationFilter, Store, text};

use super::finding::{Check, CheckFinding};

/// The maximum number counted, so that the check is fast.
const COUNTED_MAX: u32 = 1000;

pub(super) async fn check(store: &dyn Store, has_key: bool) -> CheckFinding {
    let filter = DonationFilter { provisional: Some(true), ..DonationFilter::default() };
    match store.donations(&filter, None, COUNTED_MAX).await {
        Ok(donations) => judge(donations.len() as u64, has_key),
        Err(error) => {
            let what = text!("read the ledger", "台帳を読み取れません");
            CheckFinding::store_failed(Check::Provisional, &what, &error)
        }
    }
}

fn judge(donations: u64, has_key: bool) -> CheckFinding {
    if donations == 0 {
        return CheckFinding::ok(
            Check::Provisional,
            text!("no donation is provisional", "未確定の寄付はありません"),
        );
    }
    let is_all = donations < u64::from(COUNTED_MAX);
    let (or_more, or_more_ja) = if is_all { ("", "") } else { (" or more", "以上") };
    let (en, ja) = (counted(donations, "donation"), number_for_people(donations));
    let advice = if has_key {
        text!(
            "run `donation-portal reconcile` to ask Stripe whether they belong to invoices; the server does so every day",
            "`donation-portal reconcile` を実行すると、請求書の支払いかどうかを Stripe に照会します。サーバーも毎日照会します"
        )
    } else {
        text!(
            "set STRIPE_SECRET_KEY to a key with read permission for Invoices, and run `donation-portal reconcile`",
            "Invoices の読み取り権限を持つキーを STRIPE_SECRET_KEY に設定し、`donation-portal reconcile` を実行してください"
        )
    };
    CheckFinding::warning(
        Check::Provisional,
        text!(
            "{en}{or_more} provisional and therefore in no total",
            "未確定の寄付が {ja} 件{or_more_ja}あり、合計に含まれていません"
        ),
        advice,
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::judge;

    #[test]
    fn provisional_donations_are_counted_with_advice_to_resolve_them() {
        assert_eq!(judge(0, false).level, Level::Ok);
        let some = judge(3, true);
        assert_eq!(some.level, Level::Warning);
        assert_eq!(&*some.found.en, "3 donations provisional and therefore in no total");
        assert!(some.advice.unwrap().en.starts_with("run `donation-portal reconcile`"));
        assert!(judge(3, false).advice.unwrap().en.contains("read permission for Invoices"));
        assert!(judge(1000, true).found.en.starts_with("1,000 donations or more "));
    }
}
