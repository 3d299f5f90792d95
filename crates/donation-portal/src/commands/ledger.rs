//! `donation-portal ledger`

use clap::Subcommand;
use indicatif::ProgressBar;
use portal_domain::{ObjectId, Store, Text, text};

use crate::commands::finish;
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// The maximum number of differing rows named, and repaired in one step.
pub(crate) const PAGE: u32 = 100;

/// Check stored donations against the ledger
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Derive all donations again and compare them with the stored ones
    ///
    /// The row of a payment or invoice stores the values derived from its links, refunds and
    /// disputes, and each change of those updates it. Read the whole ledger, derive the values again
    /// and compare. Exit code 1 means that a row differs and was not repaired.
    Check(Args),
}

/// Arguments of `ledger check`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal ledger check --repair")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// Update the rows that differ
    #[arg(long)]
    repair: bool,
}

pub(crate) fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::Check(args) = command;
    let home = args.database.home()?;
    let store = if args.repair { home.open_existing()? } else { home.open_to_read()? };
    let differ = check(&*store)?;
    if differ.is_empty() {
        output::print(
            "no differences: the stored values of every payment and invoice follow from the ledger",
        )?;
        return Ok(Exit::Done);
    }
    for id in &differ {
        output::print(format_args!("{id} differs"))?;
    }
    if differ.len() >= PAGE as usize {
        output::note("only the first {PAGE} are listed");
    }
    if !args.repair {
        output::note("update them with `donation-portal ledger check --repair`");
        return Ok(Exit::FoundWrong);
    }
    let repaired = repair(&*store, differ)?;
    output::print(format_args!("{} updated", counted(repaired, "row")))?;
    Ok(Exit::Done)
}

/// Returns the ids of up to [`PAGE`] rows that differ.
pub(crate) fn check(store: &dyn Store) -> Result<Vec<ObjectId>, Failure> {
    let progress = ProgressBar::new_spinner().with_message("checking the ledger");
    let differ =
        finish(text!("check the ledger", "台帳を検査できません"), store.check_ledger(PAGE));
    progress.finish_and_clear();
    differ
}

/// Updates rows until none differs; returns the number of rows updated.
fn repair(store: &dyn Store, mut differ: Vec<ObjectId>) -> Result<u64, Failure> {
    let mut repaired = 0;
    while !differ.is_empty() {
        finish(repairing(), store.repair_ledger(&differ))?;
        repaired += differ.len() as u64;
        let next = check(store)?;
        if next == differ {
            let still = next.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let why = text!("{still} still differ", "{still} はまだ一致しません");
            return Err(Failure::could_not(repairing(), why));
        }
        differ = next;
    }
    Ok(repaired)
}

fn repairing() -> Text {
    text!("repair the ledger", "台帳を修復できません")
}
