//! The source and the target of a copy.

use std::path::PathBuf;

use portal_domain::StoreError;
use portal_postgres::DatabaseAddress;
use portal_postgres::import::Import;
use portal_service::settings::{DATABASE_URL, Setting};
use portal_sqlite::export::Export;

use crate::database::DatabaseUrl;
use crate::exit::Failure;

/// The source, which is checked as a setting is.
const FROM: Setting = Setting {
    name: "--from",
    default: None,
    form: "sqlite://PATH",
    example: "sqlite:///var/lib/donation-portal/portal.db",
};

/// The source and the target, checked.
pub(super) struct Ends {
    pub(super) path: PathBuf,
    address: Box<DatabaseAddress>,
    /// The source as it is shown.
    pub(super) from: DatabaseUrl,
    /// The target as it is shown: without the password.
    pub(super) to: DatabaseUrl,
}

impl Ends {
    /// Parses `from`. An error repeats nothing of it, because it may hold a password.
    pub(super) fn read(from: &str, to: DatabaseUrl) -> Result<Self, Failure> {
        FROM.check(from)?;
        let from = DatabaseUrl::parse(from).map_err(|why| FROM.refuse(why))?;
        match (&from, &to) {
            (DatabaseUrl::Postgres(_), _) => {
                Err(Failure::misuse(FROM.name, "it must be sqlite://PATH")
                    .advise("move a PostgreSQL database with pg_dump and pg_restore"))
            }
            (_, DatabaseUrl::Sqlite(_)) => {
                let why = "it must be postgres://USER:PASSWORD@HOST:PORT/DATABASE";
                Err(Failure::misuse(DATABASE_URL.name, why)
                    .advise("copy a SQLite file with `donation-portal backup`"))
            }
            (DatabaseUrl::Sqlite(path), DatabaseUrl::Postgres(address)) => {
                Ok(Self { path: path.clone(), address: address.clone(), from, to })
            }
        }
    }

    pub(super) fn open_source(&self) -> Result<Export, Failure> {
        Export::open(&self.path).map_err(|error| {
            let failure = Failure::could_not(format_args!("open {}", self.from), &error);
            if error == StoreError::Missing {
                failure.advise("correct --from")
            } else {
                failure.with(&error)
            }
        })
    }

    pub(super) fn open_target(&self) -> Result<Import, Failure> {
        Import::open(&self.address).map_err(|error| {
            let failure = Failure::could_not(format_args!("open {}", self.to), &error);
            if error == StoreError::Missing {
                failure.advise("create it (createdb), or correct DATABASE_URL")
            } else if matches!(error, StoreError::Unreachable | StoreError::AccessDenied(_)) {
                failure.advise("check DATABASE_URL")
            } else {
                failure.with(&error)
            }
        })
    }

    pub(super) fn could_not_read(&self, error: &StoreError) -> Failure {
        Failure::could_not(format_args!("read {}", self.from), error).with(error)
    }

    pub(super) fn could_not_write(&self, error: &StoreError) -> Failure {
        Failure::could_not(format_args!("write to {}", self.to), error)
            .advise("solve that, then run copy again")
    }
}

#[cfg(test)]
mod tests {
    use super::Ends;
    use crate::database::DatabaseUrl;
    use crate::exit::{Exit, Failure};

    const FILE: &str = "sqlite://portal.db";
    const SERVER: &str = "postgres://portal:pa55word@db/gifts";

    fn ends(from: &str, to: &str) -> Result<Ends, Failure> {
        Ends::read(from, DatabaseUrl::parse(to).unwrap())
    }

    #[test]
    fn both_ends_are_shown_without_a_password() {
        for (from, to) in
            [(FILE, SERVER), ("sqlite:portal.db", "postgresql://portal:pa55word@db/gifts")]
        {
            let ends = ends(from, to).map_err(|it| it.to_string()).unwrap();
            assert_eq!(ends.from.to_string(), FILE);
            assert_eq!(ends.to.to_string(), "postgres://portal@db:5432/gifts");
        }
    }

    #[test]
    fn other_urls_are_misuse_and_nothing_of_them_is_repeated() {
        for (from, to, which) in [
            (SERVER, SERVER, "--from"),
            (SERVER, FILE, "--from"),
            (FILE, FILE, "DATABASE_URL"),
            ("pa55word.db", SERVER, "--from"),
            ("sqlite://", SERVER, "--from"),
            ("sqlite://portal.db?pa55word", SERVER, "--from"),
            ("\"sqlite://pa55word.db\"", SERVER, "--from"),
            ("sqlite://pa55word.db ", SERVER, "--from"),
        ] {
            let failure = ends(from, to).err().unwrap();
            let said = failure.to_string();
            assert!(said.starts_with(which), "{said}");
            assert!(!said.contains("pa55word"), "{said}");
            assert_eq!(failure.report(), Exit::Misuse);
        }
    }
}
