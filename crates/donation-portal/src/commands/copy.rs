//! `donation-portal copy`

mod content;
mod ends;
mod report;

use indicatif::{ProgressBar, ProgressStyle};
use portal_domain::tables::TABLES;
use portal_domain::{DonationFilter, Ledger as _, Reports as _, StoreError, Text, text};
use portal_postgres::import::{CopyStart, Import, ImportPage};
use portal_service::settings::DATABASE_URL;
use portal_sqlite::SqliteStore;
use portal_sqlite::export::Export;

use self::content::CopyContent;
use self::ends::Ends;
use self::report::Inventory;
use crate::commands::wait_for;
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `copy`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal copy --from sqlite://data/donation-portal.db --to postgres://portal@db/donations",
    mut_arg(DATABASE_URL.name, |it| it
        .visible_alias("to")
        .hide_default_value(true)
        .help("Database to fill, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; it must be empty or hold an incomplete copy"))
)]
pub(crate) struct Args {
    /// Database to copy, as `sqlite://PATH`; it is not changed
    #[arg(long, value_name = "URL")]
    from: String,

    #[command(flatten)]
    to: Database,
}

/// The side of a copy that failed.
enum Failed {
    Reading(StoreError),
    Writing(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Reading(error)
    }
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let ends = Ends::read(&args.from, args.to.home()?)?;
    let source = ends.open_source()?;
    let mut target = ends.open_target()?;
    let before = read_source(&ends, &source)?;
    begin(&ends, &mut target, &before)?;
    match fill(&source, &mut target, &before) {
        Ok(()) => {}
        Err(Failed::Reading(error)) => return Err(ends.could_not_read(&error)),
        Err(Failed::Writing(error)) => {
            // A row that the server refused now will be refused the next time as well.
            if matches!(error, StoreError::Failed(_)) {
                target.discard().ok();
            }
            return Err(ends.could_not_write(&error));
        }
    }
    drop(source);
    let inventory = check(&ends, &mut target, before)?;
    target.end().map_err(|error| ends.could_not_write(&error))?;
    inventory.print()?;
    output::note(format_args!(
        "{} holds every row of {}; set DATABASE_URL to it and start the server",
        ends.to, ends.from
    ));
    Ok(Exit::Done)
}

/// Reads what the source holds at the moment of its snapshot.
fn read_source(ends: &Ends, source: &Export) -> Result<CopyContent, Failure> {
    let progress = ProgressBar::no_length().with_style(counting()).with_message("reading");
    let content = CopyContent::of_source(source, &progress);
    progress.finish_and_clear();
    content.map_err(|error| ends.could_not_read(&error))
}

fn begin(ends: &Ends, target: &mut Import, source: &CopyContent) -> Result<(), Failure> {
    let (from, to) = (&ends.from, &ends.to);
    match target.begin(&source.to_string()).map_err(|error| ends.could_not_write(&error))? {
        CopyStart::New => {}
        CopyStart::Resumed => output::note(format_args!("resuming the copy in {to}")),
        CopyStart::Anew => output::note(format_args!(
            "{from} has changed since the incomplete copy in {to}; starting again"
        )),
        CopyStart::InUse => {
            let why = text!("{to} is not empty", "{to} は空ではありません");
            let advice = text!("give an empty database", "空のデータベースを指定してください");
            return Err(Failure::misuse(DATABASE_URL.name, why).advise(advice));
        }
    }
    Ok(())
}

/// Copies the rows that the target lacks, page by page.
fn fill(source: &Export, target: &mut Import, content: &CopyContent) -> Result<(), Failed> {
    let progress = ProgressBar::new(content.rows()).with_style(style()).with_message("copying");
    for table in &TABLES {
        let reached = target.reached(table).map_err(Failed::Writing)?;
        progress.inc(reached.rows);
        progress.reset_eta();
        let mut page = ImportPage::default();
        let mut write = |page: &mut ImportPage| {
            target.write(table, page).map(|rows| progress.inc(rows)).map_err(Failed::Writing)
        };
        source.rows(table, reached.key.as_deref(), |row| {
            page.add(row);
            if page.is_full() { write(&mut page) } else { Ok(()) }
        })?;
        write(&mut page)?;
    }
    progress.finish_and_clear();
    Ok(())
}

/// Compares the copy with what the source holds now.
fn check(ends: &Ends, target: &mut Import, before: CopyContent) -> Result<Inventory, Failure> {
    let progress = ProgressBar::new(2 * before.rows()).with_style(style()).with_message("checking");
    let reading = |error| ends.could_not_read(&error);
    let copy = inventory_of(target, &progress).map_err(|error| ends.could_not_write(&error))?;
    let original = SqliteStore::open_to_read(&ends.path).map_err(reading)?;
    let original = Inventory {
        content: before,
        totals: wait_for(original.totals(&DonationFilter::default()))?.map_err(reading)?,
        backlog: wait_for(original.backlog())?.map_err(reading)?,
    };
    let after = CopyContent::of_source(&ends.open_source()?, &progress).map_err(reading)?;
    progress.finish_and_clear();
    let (from, to) = (&ends.from, &ends.to);
    if after != original.content {
        let why = text!("it changed during the copy", "コピー中に変更されました");
        return Err(Failure::found_wrong(Text::same(from), why).advise(text!(
            "stop the server that uses it, and run copy again; until then no server starts on {to}",
            "使用しているサーバーを停止し、copy をもう一度実行してください。それまで {to} ではサーバーが起動しません"
        )));
    }
    let differences = original.differences(&copy);
    if !differences.is_empty() {
        target.discard().map_err(|error| ends.could_not_write(&error))?;
        let differences = differences.join(", ");
        let why = text!(
            "it differs from {from} in {differences}",
            "{from} と一致しません（{differences}）"
        );
        let what = text!("the copy in {to}", "{to} のコピー");
        return Err(Failure::found_wrong(what, why).advise(text!(
            "stop every other program that uses it, and run copy again, which starts again",
            "使用しているほかのプログラムをすべて停止し、copy をもう一度実行してください（最初からやり直します）"
        )));
    }
    Ok(copy)
}

fn inventory_of(target: &mut Import, progress: &ProgressBar) -> Result<Inventory, StoreError> {
    target.analyze()?;
    Ok(Inventory {
        content: CopyContent::of_target(target, progress)?,
        totals: target.totals()?,
        backlog: target.backlog()?,
    })
}

fn counting() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {pos} rows {per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} rows {per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
