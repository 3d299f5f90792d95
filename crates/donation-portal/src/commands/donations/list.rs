//! `donation-portal donations list`

use portal_domain::Clock as _;
use portal_domain::payouts::{AccountedDonation, lookup};
use portal_service::donation_columns::{DONATION_HEADS, donation_cells};

use super::columns;
use super::filter::{Filter, ProgressFilter};
use crate::clock::SystemClock;
use crate::commands::{finish, reading_ledger};
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};

/// Arguments of `donations list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal donations list --period 2026-11 --state paid")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    progress: ProgressFilter,

    /// Maximum number of donations
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.progress.narrow(args.filter.read()?);
    let store = args.database.home()?.open_to_read()?;
    let page = ListPage::read(args.limit, |limit| {
        let donations = finish(reading_ledger(), store.donations(&filter, None, limit))?;
        let now = SystemClock::new().now();
        finish(reading_ledger(), lookup::accounted(&*store, donations, now))
    })?;
    let zone = &args.filter.time_zone()?;
    let csv = Columns {
        heads: &DONATION_HEADS,
        amounts: &[],
        spare: &[],
        of: &|donation| donation_cells(donation, zone),
    };
    let people = Columns {
        heads: &columns::PEOPLE,
        amounts: &columns::AMOUNTS,
        spare: &columns::SPARE,
        of: &|it: &AccountedDonation| columns::people(&it.donation, zone),
    };
    output::print_list(args.format, &page.items, |donation| donation, &csv, &people)?;
    page.note(args.format, "use `donation-portal donations export`", "no donation matches");
    Ok(Exit::Done)
}
