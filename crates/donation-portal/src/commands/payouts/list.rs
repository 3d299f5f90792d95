//! `donation-portal payouts list`

use clap::builder::PossibleValuesParser;
use portal_domain::money::for_people;
use portal_domain::payouts::{PayoutRow, PayoutStatement, StatementJson, StatementState, lookup};
use portal_domain::{ObjectId, Store, UnixSeconds};
use portal_service::donation_columns::mode;
use portal_service::payout_columns::{payout_cells, payout_heads};

use super::filter::Arrivals;
use super::reading_payouts;
use crate::commands::finish;
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};

/// Arguments of `payouts list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal payouts list --period 2026-11")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    arrivals: Arrivals,

    /// Only payouts whose statement is in this state
    #[arg(long, value_parser = PossibleValuesParser::new(StatementState::NAMES))]
    state: Option<String>,

    /// Maximum number of payouts
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

const HEADS: [&str; 7] = ["payout", "arrives", "amount", "state", "status", "lines", "mode"];

/// The number of payouts that are read at once.
const PAGE: u32 = 100;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.database.home()?.open_to_read()?;
    let page = ListPage::read(args.limit, |limit| judged(&*store, args, limit))?;
    let heads = payout_heads();
    let csv = Columns {
        heads: &heads,
        amounts: &[],
        spare: &[],
        of: &|(row, statement)| payout_cells(row, statement),
    };
    let people = Columns { heads: &HEADS, amounts: &[2, 5], spare: &[6, 5, 4], of: &people };
    let json = |(row, statement): &JudgedPayout| StatementJson::of(row, statement);
    output::print_list(args.format, &page.items, json, &csv, &people)?;
    page.note(args.format, "narrow it by `--period`", "no payout matches");
    Ok(Exit::Done)
}

type JudgedPayout = (PayoutRow, PayoutStatement);

/// Returns up to `limit` payouts with their statements: the state is judged, so it is no condition of
/// the store.
fn judged(store: &dyn Store, args: &Args, limit: u32) -> Result<Vec<JudgedPayout>, Failure> {
    let filter = args.arrivals.read()?;
    let mut found: Vec<JudgedPayout> = Vec::new();
    let mut after: Option<(UnixSeconds, ObjectId)> = None;
    loop {
        let position = after.as_ref().map(|(at, id)| (*at, id));
        let rows = finish(reading_payouts(), store.payouts(&filter, position, PAGE))?;
        let is_last = rows.len() < PAGE as usize;
        after = rows.last().map(|it| (it.payout.created, it.payout.id.clone()));
        for row in rows {
            let statement = finish(reading_payouts(), lookup::statement(store, &row))?;
            if args.state.as_ref().is_none_or(|it| it == statement.state.name()) {
                found.push((row, statement));
            }
            if found.len() >= limit as usize {
                return Ok(found);
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

fn people((row, statement): &JudgedPayout) -> Vec<String> {
    let payout = &row.payout;
    let reason = statement.state.reason().map(|it| format!(" ({it})")).unwrap_or_default();
    vec![
        payout.id.to_string(),
        payout.arrives.utc_date(),
        for_people(payout.amount, &payout.currency),
        format!("{}{reason}", statement.state.name()),
        payout.status.name().to_owned(),
        statement.sums.map(|_| statement.lines.to_string()).unwrap_or_default(),
        mode(payout.livemode).to_owned(),
    ]
}
