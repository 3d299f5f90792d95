//! `donation-portal reports show`

use console::{Alignment, pad_str};
use portal_domain::report::{FINDINGS_MAX, Finding, Verdict};
use portal_domain::{Report, Text, text};
use portal_outbound::Locale;
use portal_service::json::ReportDetail;
use portal_service::period::text_in_zone;
use portal_service::settings::Settings as _;

use super::reading_reports;
use crate::commands::finish;
use crate::config::{Given, Listing, Speech};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// The width of the state of a finding: of `repaired`.
const STATE_COLUMNS: usize = 8;

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
    #[command(flatten)]
    speech: Given<Speech>,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let locale = Locale { language: args.speech.cli_language()?, zone: args.settings.time_zone()? };
    let found = finish(reading_reports(), store.reports(args.number, 1))?;
    let Some((number, report)) = found.into_iter().next() else {
        return Err(match args.number {
            Some(number) => Failure::found_wrong(
                text!("report {number}", "照合レポート {number}"),
                text!("it does not exist", "ありません"),
            )
            .advise(text!(
                "see `donation-portal reports list`",
                "`donation-portal reports list` で一覧を確認してください"
            )),
            None => Failure::found_wrong(
                text!("the last report", "最新の照合レポート"),
                text!("there is none yet", "まだありません"),
            )
            .advise(text!(
                "make one with `donation-portal reconcile`",
                "`donation-portal reconcile` で作成してください"
            )),
        });
    };
    print(number, &report, &locale, args.format)
}

/// Prints a report. A report that is not complete exits with [`Exit::FoundWrong`].
pub(crate) fn print(
    number: u64,
    report: &Report,
    locale: &Locale,
    format: OneFormat,
) -> Result<Exit, Failure> {
    match format {
        OneFormat::Json => output::print_json(&ReportDetail::of(number, report))?,
        OneFormat::Text => print_text(number, report, locale)?,
    }
    Ok(match report.verdict() {
        Verdict::Complete => Exit::Done,
        Verdict::Differences | Verdict::Unknown => Exit::FoundWrong,
    })
}

fn print_text(number: u64, report: &Report, locale: &Locale) -> Result<(), Failure> {
    let language = locale.language;
    let pick = |text: Text| language.choose(&text).to_owned();
    let in_zone = |at| text_in_zone(at, &locale.zone);
    let (verdict, made_at) = (pick(report.verdict().text()), pick(in_zone(report.made_at)));
    output::print(language.pick(
        format!("report {number}, made {made_at}: {verdict}"),
        format!("照合レポート {number}（{made_at} 作成）: {verdict}"),
    ))?;
    output::print(pick(report.summary(in_zone)))?;
    let events = report.events_recorded;
    if events > 0 {
        let counted = output::counted(events, "event");
        output::print(language.pick(
            format!("{counted} recorded that Stripe had not delivered"),
            format!("届いていなかったイベント {events} 件を記録しました"),
        ))?;
    }
    for Finding { object, difference, repaired } in &report.findings {
        let state = if *repaired {
            language.pick("repaired", "修復済み")
        } else {
            language.pick("open", "未解決")
        };
        let state = pad_str(state, STATE_COLUMNS, Alignment::Left, None);
        output::print(format_args!("{state}  {:14}  {object}", difference.name()))?;
    }
    if report.findings.len() == FINDINGS_MAX {
        output::print(language.pick(
            format!("(only the first {FINDINGS_MAX} are listed)"),
            format!("（最初の {FINDINGS_MAX} 件だけを表示しています）"),
        ))?;
    }
    Ok(())
}
