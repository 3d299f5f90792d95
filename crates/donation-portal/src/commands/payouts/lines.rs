//! The lines of a payout, each with the donation that it is about.

use jiff::tz::TimeZone;
use portal_domain::{ObjectId, Store};
use portal_service::payout_columns::line_cells;

use super::reading_payouts;
use crate::commands::finish;
use crate::exit::Failure;

/// Returns the cells of each line of a payout, the last made first, without its own.
pub(super) fn lines_of(
    store: &dyn Store,
    payout: &ObjectId,
    zone: &TimeZone,
) -> Result<Vec<Vec<String>>, Failure> {
    let mut lines = finish(reading_payouts(), store.payout_lines(payout))?;
    lines.retain(|it| it.line.part().is_some());
    let payments: Vec<_> = lines.iter().filter_map(|it| it.line.payment().cloned()).collect();
    let mut donations = finish(reading_payouts(), store.donations_of(&payments))?.into_iter();
    let cells = lines.iter().map(|it| {
        let donation = it.line.payment().and_then(|_| donations.next()).flatten();
        line_cells(payout, &it.line, donation.as_ref(), zone)
    });
    Ok(cells.collect())
}
