//! The lines of a payout, each with the donation that it is about.

use jiff::tz::TimeZone;
use portal_domain::payouts::StatementLine;
use portal_domain::{ObjectId, Store};
use portal_service::payout_columns::line_cells;

use super::reading_payouts;
use crate::commands::finish;
use crate::exit::Failure;

/// Returns the cells of each line of a payout, the last made first, without its own.
pub(super) fn line_rows(
    store: &dyn Store,
    payout: &ObjectId,
    mut lines: Vec<StatementLine>,
    zone: &TimeZone,
) -> Result<Vec<Vec<String>>, Failure> {
    lines.retain(|it| it.line.part().is_some());
    let payments: Vec<_> = lines.iter().filter_map(|it| it.line.payment().cloned()).collect();
    let mut donations = finish(reading_payouts(), store.donations_of(&payments))?.into_iter();
    let cells = lines.iter().map(|it| {
        let donation = it.line.payment().and_then(|_| donations.next()).flatten();
        line_cells(payout, &it.line, donation.as_ref(), zone)
    });
    Ok(cells.collect())
}
