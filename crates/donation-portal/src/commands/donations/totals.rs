//! `donation-portal donations totals`

use portal_domain::money::{decimal, for_people};
use portal_domain::{DonationFilter, DonationState, Store, Total};

use super::columns::mode;
use super::filter::{self, Filter};
use crate::commands::finish;
use crate::database::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, counted};

/// Counting what is in no total goes no further.
const PROVISIONAL_COUNTED_MAX: u32 = 10_000;

/// The header of totals as CSV; a contract. Amounts are in minor units, but for those that say
/// `decimal`.
const CSV: [&str; 12] = [
    "currency",
    "kind",
    "livemode",
    "count",
    "gross",
    "refunded",
    "lost",
    "net",
    "gross_decimal",
    "refunded_decimal",
    "lost_decimal",
    "net_decimal",
];

/// The heads of totals in a table.
const PEOPLE: [&str; 8] = ["currency", "kind", "mode", "count", "gross", "refunded", "lost", "net"];

/// Which donations, and how to print what they come to.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    filter: Filter,

    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.filter.read()?;
    let store = args.database.home()?.open_to_read()?;
    let totals = finish("read the ledger", store.totals(&filter))?;
    let csv = Columns { heads: &CSV, amounts: &[], of: &csv };
    let people = Columns { heads: &PEOPLE, amounts: &[3, 4, 5, 6, 7], of: &people };
    output::print_list(args.format, &totals, |total| total, &csv, &people)?;
    tell_provisional(&*store, &filter)?;
    Ok(Exit::Done)
}

fn csv(total: &Total) -> Vec<String> {
    let amounts = [total.gross, total.refunded, total.lost, total.net];
    let mut row = vec![
        total.currency.to_string(),
        total.kind.name().to_owned(),
        total.livemode.to_string(),
        total.count.to_string(),
    ];
    row.extend(amounts.iter().map(ToString::to_string));
    row.extend(amounts.iter().map(|amount| decimal(*amount, &total.currency)));
    row
}

fn people(total: &Total) -> Vec<String> {
    let mut row = vec![
        total.currency.to_string(),
        total.kind.name().to_owned(),
        mode(total.livemode).to_owned(),
        total.count.to_string(),
    ];
    let amounts = [total.gross, total.refunded, total.lost, total.net];
    row.extend(amounts.iter().map(|amount| for_people(*amount, &total.currency)));
    row
}

/// Says what is paid and yet in no total.
fn tell_provisional(store: &dyn Store, filter: &DonationFilter) -> Result<(), Failure> {
    let filter = DonationFilter {
        state: Some(DonationState::Paid),
        provisional: Some(true),
        ..filter.clone()
    };
    let found = store.donations(&filter, None, PROVISIONAL_COUNTED_MAX);
    let count = finish("read the ledger", found)?.len() as u64;
    if count > 0 {
        let or_more = if count == u64::from(PROVISIONAL_COUNTED_MAX) { " or more" } else { "" };
        output::note(format_args!(
            "{}{or_more} not in the totals, because provisional: \
             donation-portal donations list{}",
            counted(count, "paid donation"),
            filter::flags(&filter)
        ));
    }
    Ok(())
}
