//! `donation-portal reports list`

use portal_domain::{Report, UnixSeconds};
use portal_service::json::ReportLine;
use portal_service::period::in_zone;
use portal_service::settings::Settings as _;

use super::reading_reports;
use crate::commands::finish;
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};

/// Arguments of `reports list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal reports list --limit 30")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Maximum number of reports
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

const HEADS: [&str; 12] = [
    "report",
    "verdict",
    "since",
    "until",
    "made_at",
    "mode",
    "shown",
    "here",
    "events_recorded",
    "repaired",
    "open",
    "unread",
];

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let zone = args.settings.time_zone()?;
    let page =
        ListPage::read(args.limit, |limit| finish(reading_reports(), store.reports(None, limit)))?;
    let csv = Columns {
        heads: &HEADS,
        amounts: &[],
        spare: &[],
        of: &|report| columns(report, |at| at.get().to_string()),
    };
    let people = Columns {
        heads: &HEADS,
        amounts: &[0, 6, 7, 8, 9, 10, 11],
        spare: &[5, 4, 11, 8, 9, 6, 7],
        of: &|report| columns(report, |at| in_zone(at, &zone)),
    };
    output::print_list(args.format, &page.items, ReportLine::of, &csv, &people)?;
    page.note(
        args.format,
        "look one up by its number: `donation-portal reports show`",
        "there is no report yet: make one with `donation-portal reconcile`",
    );
    Ok(Exit::Done)
}

fn columns((number, report): &(u64, Report), time: impl Fn(UnixSeconds) -> String) -> Vec<String> {
    vec![
        number.to_string(),
        report.verdict().name().to_owned(),
        time(report.window.since),
        time(report.window.until),
        time(report.made_at),
        (if report.livemode { "live" } else { "test" }).to_owned(),
        report.shown.to_string(),
        report.here().to_string(),
        report.events_recorded.to_string(),
        report.repaired.to_string(),
        report.open.to_string(),
        report.unread.len().to_string(),
    ]
}
