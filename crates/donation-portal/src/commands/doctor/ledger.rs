//! Compares the stored values of each donation with those that follow from the ledger.

use portal_domain::{ObjectId, Store};

use super::database;
use super::finding::{Check, CheckFinding};
use crate::commands::ledger;
use crate::output::counted;

/// Reads the whole ledger.
pub(super) fn check(store: &dyn Store) -> CheckFinding {
    ledger::check(store)
        .map_or_else(|failure| database::failed(Check::Ledger, &failure), |differ| judge(&differ))
}

fn judge(differ: &[ObjectId]) -> CheckFinding {
    if differ.is_empty() {
        return CheckFinding::ok(
            Check::Ledger,
            "the stored values of every donation follow from the ledger",
        );
    }
    let or_more = if differ.len() < ledger::PAGE as usize { "" } else { " or more" };
    let rows = counted(differ.len() as u64, "row");
    CheckFinding::wrong(
        Check::Ledger,
        format_args!("{rows}{or_more} with stored values that do not follow from the ledger"),
        "list them with `donation-portal ledger check`; update them with `--repair`",
    )
}
