//! `donation-portal payouts export`

use portal_domain::payouts::lookup;
use portal_domain::{ObjectId, Store, UnixSeconds};
use portal_service::payout_columns::{LINE_HEADS, payout_cells, payout_heads};

use super::filter::Arrivals;
use super::lines::line_rows;
use super::reading_payouts;
use crate::commands::finish;
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `payouts export`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal payouts export --lines --period 2026-10")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    arrivals: Arrivals,

    /// The lines of the payouts, one a row, instead of the payouts
    #[arg(long)]
    lines: bool,
}

/// The number of payouts that are read at once.
const PAGE: u32 = 100;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.arrivals.read()?;
    let zone = args.arrivals.time_zone()?;
    let store: &dyn Store = &*args.database.home()?.open_to_read()?;
    let heads = if args.lines { LINE_HEADS.join(",") } else { payout_heads().join(",") };
    output::print(heads)?;
    let mut after: Option<(UnixSeconds, ObjectId)> = None;
    loop {
        let position = after.as_ref().map(|(at, id)| (*at, id));
        let rows = finish(reading_payouts(), store.payouts(&filter, position, PAGE))?;
        after = rows.last().map(|it| (it.payout.created, it.payout.id.clone()));
        for row in &rows {
            if args.lines {
                let id = &row.payout.id;
                let lines = finish(reading_payouts(), store.payout_lines(id))?;
                for cells in line_rows(store, id, lines, &zone)? {
                    output::print(cells.join(","))?;
                }
            } else {
                let statement = finish(reading_payouts(), lookup::statement(store, row))?;
                output::print(payout_cells(row, &statement).join(","))?;
            }
        }
        if rows.len() < PAGE as usize {
            return Ok(Exit::Done);
        }
    }
}
