//! `donation-portal donations totals`

use portal_domain::money::{decimal, for_people, number_for_people};
use portal_domain::{DonationFilter, DonationState, Total};

use super::columns::mode;
use super::filter::{self, Filter};
use crate::commands::{finish, reading_ledger};
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, counted};

/// The CSV header of totals, which is a contract. Amounts are in minor units except those named
/// `…_decimal`.
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
        ListFormat::Table => with_sums(paid),
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
    let csv = Columns { heads: &CSV, amounts: &[], spare: &[], of: &|(_, total)| csv(total) };
    let people =
        Columns { heads: &PEOPLE, amounts: &[3, 4, 5, 6, 7], spare: &[6, 5, 2], of: &people };
    output::print_list(args.format, &rows, |(_, total)| total, &csv, &people)?;
    Ok(Exit::Done)
}

/// Returns the rows of a table: live before test, and below several of a currency and mode their sum.
fn with_sums(mut totals: Vec<Total>) -> Vec<(&'static str, Total)> {
    totals.sort_by(|a, b| (&a.currency, b.livemode).cmp(&(&b.currency, a.livemode)));
    let is_same = |a: &Total, b: &Total| (&a.currency, a.livemode) == (&b.currency, b.livemode);
    let mut rows = Vec::new();
    for group in totals.chunk_by(is_same) {
        rows.extend(group.iter().map(|it| (it.kind.name(), it.clone())));
        if let [first, rest @ ..] = group
            && !rest.is_empty()
        {
            rows.push(("all", rest.iter().fold(first.clone(), sum)));
        }
    }
    rows
}

fn sum(one: Total, other: &Total) -> Total {
    Total {
        count: one.count.saturating_add(other.count),
        gross: one.gross.saturating_add(other.gross),
        refunded: one.refunded.saturating_add(other.refunded),
        lost: one.lost.saturating_add(other.lost),
        net: one.net.saturating_add(other.net),
        ..one
    }
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
