//! `donation-portal migrate`

use crate::config::Database;
use crate::database::{DatabaseUrl, Schema};
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `migrate`.
#[derive(clap::Args)]
#[command(after_help = "Example, for a first installation: donation-portal migrate --create")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// Make the database file if it does not exist: for a first installation only
    #[arg(long)]
    create: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let home = args.database.home()?;
    let schema = if args.create { Schema::Created } else { Schema::Migrated };
    drop(home.open(schema)?);
    let version = match home {
        DatabaseUrl::Sqlite(_) => portal_sqlite::sql::SCHEMA_VERSION,
        DatabaseUrl::Postgres(_) => portal_postgres::SCHEMA_VERSION,
    };
    output::print(format_args!("{home} is at schema version {version}"))?;
    Ok(Exit::Done)
}
