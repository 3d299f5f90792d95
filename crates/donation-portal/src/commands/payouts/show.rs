//! `donation-portal payouts show`

use portal_domain::money::for_people;
use portal_domain::payouts::{
    Part, PayoutRow, PayoutStatement, StatementJson, StatementState, lookup,
};
use portal_domain::{ObjectId, Store, Text, text};
use portal_outbound::Language;
use portal_service::payout_columns::LINE_HEADS;
use portal_service::payout_text;
use portal_service::settings::Settings as _;

use super::lines::line_rows;
use super::reading_payouts;
use crate::commands::{finish, object_id};
use crate::config::{Database, Given, Speech, Zone};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `payouts show`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal payouts show po_1WBPThIOYRtgmeLNMJBgmnnEO")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    speech: Given<Speech>,

    /// Id of a payout (po_…)
    #[arg(value_parser = object_id)]
    id: ObjectId,

    /// Its lines as well, one a row, as in `payouts export --lines`
    #[arg(long, conflicts_with = "format")]
    lines: bool,

    #[command(flatten)]
    zone: Zone,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let language = args.speech.cli_language()?;
    let store = args.database.home()?.open_to_read()?;
    let row = find(&*store, &args.id)?;
    let (statement, its_lines) =
        finish(reading_payouts(), lookup::statement_and_lines(&*store, &row))?;
    match args.format {
        OneFormat::Json => output::print_json(&StatementJson::of(&row, &statement))?,
        OneFormat::Text => output::print(lines(&row, &statement, language))?,
    }
    if args.lines {
        output::print(LINE_HEADS.join(","))?;
        for cells in line_rows(&*store, &args.id, its_lines, &args.zone.time_zone()?)? {
            output::print(cells.join(","))?;
        }
    }
    Ok(match statement.state {
        StatementState::Explained | StatementState::Manual => Exit::Done,
        StatementState::Waiting
        | StatementState::Differs
        | StatementState::Unreadable(_)
        | StatementState::NoKey => Exit::FoundWrong,
    })
}

fn find(store: &dyn Store, id: &ObjectId) -> Result<PayoutRow, Failure> {
    let found = finish(reading_payouts(), store.payout(id))?;
    found.ok_or_else(|| {
        let why = text!("there is no such payout here", "この ID の入金がありません");
        Failure::found_wrong(Text::same(id), why).advise(text!(
            "see which there are: donation-portal payouts list; older ones are read by \
             donation-portal reconcile --since",
            "入金の一覧を確認してください: donation-portal payouts list（古いものは \
             donation-portal reconcile --since で読み取れます）"
        ))
    })
}

/// Returns the statement: each part on its line, zeros too, then the differences, then what the bank
/// shows.
fn lines(row: &PayoutRow, statement: &PayoutStatement, language: Language) -> String {
    let payout = &row.payout;
    let say = |text: &Text| language.choose(text).to_owned();
    let money = |amount: i64| for_people(amount, &payout.currency);
    let mut rows = vec![vec![
        payout.id.to_string(),
        money(payout.amount),
        say(&payout_text::state(statement.state)),
    ]];
    if let Some(sums) = &statement.sums {
        rows.extend(Part::ALL.iter().map(|part| {
            vec![format!("  {}", say(&payout_text::part(*part))), money(sums.parts.get(*part))]
        }));
        let count = statement.lines;
        let sum = text!("  sum of {count} lines", "  明細 {count} 件の合計");
        rows.push(vec![say(&sum), money(sums.net)]);
    }
    let mut shown = vec![output::aligned(rows)];
    shown.extend(statement.differences.iter().map(|it| {
        let difference = payout_text::difference(it, &payout.currency);
        say(&text!("difference", "差異").about(&difference))
    }));
    if let Some(failure) = &payout.failure {
        shown.push(say(&text!("failure: {failure}", "失敗の理由: {failure}")));
    }
    shown.push(say(&text!("in the bank", "銀行での表示").about(&payout_text::bank(row))));
    shown.join("\n")
}
