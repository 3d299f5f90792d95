//! `donation-portal reports show`

use jiff::tz::TimeZone;
use portal_domain::Report;
use portal_domain::report::{FINDINGS_MAX, Finding, Verdict};
use portal_service::json::ReportDetail;
use portal_service::period::in_zone;
use portal_service::settings::Settings as _;

use crate::commands::finish;
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `reports show`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  donation-portal reports show\n  donation-portal reports show 12 --format json"
)]
pub(crate) struct Args {
    /// Number of the report [default: the last one]
    number: Option<u64>,

    #[command(flatten)]
    settings: Listing,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let zone = args.settings.time_zone()?;
    let found = finish("read the reports", store.reports(args.number, 1))?;
    let Some((number, report)) = found.into_iter().next() else {
        return Err(match args.number {
            Some(number) => {
                Failure::found_wrong(format_args!("report {number}"), "it does not exist")
                    .advise("see `donation-portal reports list`")
            }
            None => Failure::found_wrong("the last report", "there is none yet")
                .advise("make one with `donation-portal reconcile`"),
        });
    };
    print(number, &report, &zone, args.format)
}

/// Prints a report. A report that is not complete exits with [`Exit::FoundWrong`].
pub(crate) fn print(
    number: u64,
    report: &Report,
    zone: &TimeZone,
    format: OneFormat,
) -> Result<Exit, Failure> {
    match format {
        OneFormat::Json => output::print_json(&ReportDetail::of(number, report))?,
        OneFormat::Text => print_text(number, report, zone)?,
    }
    Ok(match report.verdict() {
        Verdict::Complete => Exit::Done,
        Verdict::Differences | Verdict::Unknown => Exit::FoundWrong,
    })
}

fn print_text(number: u64, report: &Report, zone: &TimeZone) -> Result<(), Failure> {
    let (verdict, made_at) = (report.verdict().name(), in_zone(report.made_at, zone));
    output::print(format_args!("report {number}, made {made_at}: {verdict}"))?;
    output::print(report.summary(|at| in_zone(at, zone)))?;
    if report.events_recorded > 0 {
        let events = output::counted(report.events_recorded, "event");
        output::print(format_args!("{events} recorded that Stripe had not delivered"))?;
    }
    for Finding { object, difference, repaired } in &report.findings {
        let state = if *repaired { "repaired" } else { "open" };
        output::print(format_args!("{state:8}  {:14}  {object}", difference.name()))?;
    }
    if report.findings.len() == FINDINGS_MAX {
        output::print(format_args!("(only the first {FINDINGS_MAX} are listed)"))?;
    }
    Ok(())
}
