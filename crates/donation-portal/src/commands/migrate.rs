//! `donation-portal migrate`

use crate::config::Database;
use crate::database::{DatabaseUrl, Schema};
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `migrate`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let home = args.database.home()?;
    drop(home.open(Schema::Migrated)?);
    let version = match home {
        DatabaseUrl::Sqlite(_) => portal_sqlite::sql::SCHEMA_VERSION,
        DatabaseUrl::Postgres(_) => portal_postgres::SCHEMA_VERSION,
    };
    output::print(format_args!("{home} is at schema version {version}"))?;
    Ok(Exit::Done)
}
