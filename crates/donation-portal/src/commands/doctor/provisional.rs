//! Provisional donations: payments that may belong to an invoice, and are in no total until that is
//! known.

use portal_domain::{DonationFilter, Store};

use super::database;
use super::finding::{Check, CheckFinding};
use crate::commands::finish;
use crate::output::counted;

/// The maximum number counted, so that the check is fast.
const COUNTED_MAX: u32 = 1000;

pub(super) fn check(store: &dyn Store, has_key: bool) -> CheckFinding {
    let filter = DonationFilter { provisional: Some(true), ..DonationFilter::default() };
    match finish("list the donations", store.donations(&filter, None, COUNTED_MAX)) {
        Ok(donations) => judge(donations.len() as u64, has_key),
        Err(failure) => database::failed(Check::Provisional, &failure),
    }
}

fn judge(donations: u64, has_key: bool) -> CheckFinding {
    if donations == 0 {
        return CheckFinding::ok(Check::Provisional, "no donation is provisional");
    }
    let or_more = if donations < u64::from(COUNTED_MAX) { "" } else { " or more" };
    let donations = counted(donations, "donation");
    let advice = if has_key {
        "run `donation-portal reconcile` to ask Stripe whether they belong to invoices; the server does so every day"
    } else {
        "set STRIPE_SECRET_KEY to a key with read permission for Invoices, and run `donation-portal reconcile`"
    };
    CheckFinding::warning(
        Check::Provisional,
        format_args!("{donations}{or_more} provisional and therefore in no total"),
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
        assert_eq!(some.found, "3 donations provisional and therefore in no total");
        assert!(some.advice.unwrap().starts_with("run `donation-portal reconcile`"));
        assert!(judge(3, false).advice.unwrap().contains("read permission for Invoices"));
        assert!(judge(1000, true).found.starts_with("1,000 donations or more "));
    }
}
