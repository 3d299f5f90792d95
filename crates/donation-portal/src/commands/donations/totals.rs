//! `donation-portal donations totals`

use portal_domain::money::{for_people, number_for_people};
use portal_domain::{DonationFilter, DonationState, Kind, Total};
use portal_service::donation_columns::{TOTAL_HEADS, mode, total_cells, with_sums};

use super::filter::{self, Filter};
use crate::commands::{finish, reading_ledger};
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, counted};

/// The column heads of a table of totals.
const PEOPLE: [&str; 8] = ["currency", "kind", "mode", "count", "gross", "refunded", "lost", "net"];

/// Arguments of `donations totals`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal donations totals --period 2026-11 --time-zone Asia/Tokyo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    filter: Filter,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.filter.read()?;
    let store = args.database.home()?.open_to_read()?;
    let totals = |filter: &DonationFilter| finish(reading_ledger(), store.totals(filter));
    let paid = totals(&filter)?;
    // Programs add up the rows that they read, so only the table has the sums and the provisional ones.
    let mut rows: Vec<_> = match args.format {
        ListFormat::Table => with_sums(paid).into_iter().map(named).collect(),
        ListFormat::Json | ListFormat::Csv => {
            paid.into_iter().map(|it| (it.kind.name(), it)).collect()
        }
    };
    if filter.provisional.is_none() {
        let uncertain = DonationFilter { provisional: Some(true), ..filter };
        let beside = totals(&uncertain)?;
        note_provisional(beside.iter().map(|it| it.count).sum(), uncertain);
        if args.format == ListFormat::Table {
            rows.extend(beside.into_iter().map(|it| ("provisional", it)));
        }
    }
    if rows.is_empty() && args.format == ListFormat::Table {
        output::note("no paid donation matches");
    }
    let csv =
        Columns { heads: &TOTAL_HEADS, amounts: &[], spare: &[], of: &|(_, it)| total_cells(it) };
    let people =
        Columns { heads: &PEOPLE, amounts: &[3, 4, 5, 6, 7], spare: &[6, 5, 2], of: &people };
    output::print_list(args.format, &rows, |(_, total)| total, &csv, &people)?;
    Ok(Exit::Done)
}

/// Returns the row with its name in the column of kinds.
fn named((kind, total): (Option<Kind>, Total)) -> (&'static str, Total) {
    (kind.map_or("all", Kind::name), total)
}

fn people((kind, total): &(&str, Total)) -> Vec<String> {
    let mut row = vec![
        total.currency.to_string(),
        (*kind).to_owned(),
        mode(total.livemode).to_owned(),
        number_for_people(total.count),
    ];
    let amounts = [total.gross, total.refunded, total.lost, total.net];
    row.extend(amounts.iter().map(|amount| for_people(*amount, &total.currency)));
    row
}

/// Prints the number of paid donations that are in no total, and the command that lists them.
fn note_provisional(count: u64, uncertain: DonationFilter) {
    if count > 0 {
        let listed = DonationFilter { state: Some(DonationState::Paid), ..uncertain };
        output::note(format_args!(
            "{} not in the totals, because provisional; list them with: donation-portal donations list{}",
            counted(count, "paid donation"),
            filter::flags(&listed)
        ));
    }
}
