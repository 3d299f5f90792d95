//! `donation-portal migrate`

use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output;

/// Which database.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = args.database.path()?;
    drop(args.database.open()?);
    output::print(format_args!(
        "{} is at schema version {}",
        path.display(),
        portal_sqlite::sql::MIGRATIONS.len()
    ))?;
    Ok(Exit::Done)
}
