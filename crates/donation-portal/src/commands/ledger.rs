//! `donation-portal ledger`

use clap::Subcommand;
use indicatif::ProgressBar;
use portal_domain::{ObjectId, Store};

use crate::commands::finish;
use crate::database::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// Differences that are named, or repaired in one step.
pub(crate) const PAGE: u32 = 100;

/// Prove the ledger.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Derive all donations anew from payments, links, refunds and disputes, and compare
    ///
    /// A donation's row keeps all that is read of it, and each step that changes what it follows from
    /// brings it up to date. This reads the whole ledger and proves that what is kept is what
    /// follows. Exits with 1 where something differs and is not repaired.
    Check(Args),
}

/// Which ledger, and what to do.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// Bring up to date what differs
    #[arg(long)]
    repair: bool,
}

pub(crate) fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::Check(args) = command;
    let home = args.database.home()?;
    let store = if args.repair { home.open_existing()? } else { home.open_to_read()? };
    let differ = check(&*store)?;
    if differ.is_empty() {
        output::print("what is kept of each payment and invoice is what follows from the ledger")?;
        return Ok(Exit::Done);
    }
    for id in &differ {
        output::print(format_args!("{id} differs"))?;
    }
    if differ.len() >= PAGE as usize {
        output::note("only the first are named");
    }
    if !args.repair {
        output::note("`donation-portal ledger check --repair` brings them up to date");
        return Ok(Exit::FoundWrong);
    }
    let repaired = repair(&*store, differ)?;
    output::print(format_args!("{} brought up to date", counted(repaired, "row")))?;
    Ok(Exit::Done)
}

/// Up to [`PAGE`] of the rows that differ.
pub(crate) fn check(store: &dyn Store) -> Result<Vec<ObjectId>, Failure> {
    let progress = ProgressBar::new_spinner().with_message("checking the ledger");
    let differ = finish("check the ledger", store.check_ledger(PAGE));
    progress.finish_and_clear();
    differ
}

/// Repairs until nothing differs; returns how many rows that were.
fn repair(store: &dyn Store, mut differ: Vec<ObjectId>) -> Result<u64, Failure> {
    let mut repaired = 0;
    while !differ.is_empty() {
        finish("repair the ledger", store.repair_ledger(&differ))?;
        repaired += differ.len() as u64;
        let next = check(store)?;
        if next == differ {
            let still = next.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::could_not("repair the ledger", format!("{still} still differ")));
        }
        differ = next;
    }
    Ok(repaired)
}
