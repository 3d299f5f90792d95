//! Donations of which it is not known yet whether they belong to an invoice; they are in no total.

use portal_domain::{DonationFilter, Store};

use super::database;
use super::finding::{Check, CheckFinding};
use crate::commands::finish;
use crate::output::counted;

/// Counting goes no further.
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
        "run `donation-portal reconcile`, which asks Stripe whether they belong to invoices; the server does so every day"
    } else {
        "set STRIPE_SECRET_KEY to a key that may read Invoices, and run `donation-portal reconcile`"
    };
    CheckFinding::warning(
        Check::Provisional,
        format_args!("provisional, and so in no total: {donations}{or_more}"),
        advice,
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::judge;

    #[test]
    fn provisional_donations_are_counted_and_it_is_said_how_to_resolve_them() {
        assert_eq!(judge(0, false).level, Level::Ok);
        let some = judge(3, true);
        assert_eq!(some.level, Level::Warning);
        assert_eq!(some.found, "provisional, and so in no total: 3 donations");
        assert!(some.advice.unwrap().starts_with("run `donation-portal reconcile`"));
        assert!(judge(3, false).advice.unwrap().contains("may read Invoices"));
        assert!(judge(1000, true).found.ends_with("1000 donations or more"));
    }
}
