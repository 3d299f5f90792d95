//! The source and the target of a copy.

use std::path::PathBuf;

use portal_domain::StoreError;
use portal_postgres::DatabaseAddress;
use portal_postgres::import::Import;
use portal_sqlite::export::Export;

use crate::database::{DatabaseUrl, is_file, is_server, path_of};
use crate::exit::Failure;

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
    /// Parses both URLs. An error repeats nothing of them, because they may hold a password.
    pub(super) fn read(from: &str, to: &str) -> Result<Self, Failure> {
        if is_server(from) {
            return Err(Failure::misuse(
                "--from must be sqlite://PATH; move a PostgreSQL database with pg_dump and pg_restore",
            ));
        }
        if is_file(to) {
            return Err(Failure::misuse(
                "--to must be postgres://…; copy a SQLite file with `donation-portal backup`",
            ));
        }
        let path = path_of(from)
            .ok_or_else(|| Failure::misuse("--from must be sqlite://PATH, without ? or #"))?;
        if !is_server(to) {
            return Err(Failure::misuse(
                "--to must be postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            ));
        }
        let address = DatabaseAddress::parse(to)
            .map_err(|error| Failure::misuse(format!("--to: {error}")))?;
        let address = Box::new(address);
        let (from, to) =
            (DatabaseUrl::Sqlite(path.clone()), DatabaseUrl::Postgres(address.clone()));
        Ok(Self { path, address, from, to })
    }

    pub(super) fn open_source(&self) -> Result<Export, Failure> {
        Export::open(&self.path).map_err(|error| {
            let hint = if error == StoreError::Missing { "; correct --from" } else { "" };
            Failure::could_not(format!("open {}", self.from), format!("{error}{hint}"))
        })
    }

    pub(super) fn open_target(&self) -> Result<Import, Failure> {
        Import::open(&self.address).map_err(|error| {
            let hint = if error == StoreError::Missing {
                "; create it (createdb), or correct --to"
            } else if matches!(error, StoreError::Unreachable | StoreError::AccessDenied(_)) {
                "; check --to"
            } else if error == StoreError::Busy {
                "; wait until the other process has ended"
            } else {
                ""
            };
            Failure::could_not(format!("open {}", self.to), format!("{error}{hint}"))
        })
    }

    pub(super) fn could_not_read(&self, error: &StoreError) -> Failure {
        Failure::could_not(format!("read {}", self.from), error)
    }

    pub(super) fn could_not_write(&self, error: &StoreError) -> Failure {
        let again = "solve that, then run copy again";
        Failure::could_not(format!("write to {}", self.to), format!("{error}; {again}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Ends;
    use crate::exit::Exit;

    const FILE: &str = "sqlite://portal.db";
    const SERVER: &str = "postgres://portal:pa55word@db/gifts";

    #[test]
    fn both_ends_are_shown_without_a_password() {
        for (from, to) in
            [(FILE, SERVER), ("sqlite:portal.db", "postgresql://portal:pa55word@db/gifts")]
        {
            let ends = Ends::read(from, to).map_err(|it| it.to_string()).unwrap();
            assert_eq!(ends.from.to_string(), FILE);
            assert_eq!(ends.to.to_string(), "postgres://portal@db:5432/gifts");
        }
    }

    #[test]
    fn other_urls_are_misuse_and_nothing_of_them_is_repeated() {
        for (from, to, which) in [
            (SERVER, SERVER, "--from"),
            (SERVER, FILE, "--from"),
            (FILE, FILE, "--to"),
            (FILE, "pa55word", "--to"),
            (FILE, "mysql://portal:pa55word@db/gifts", "--to"),
            (FILE, "postgres://portal:pa55word@db:port/gifts", "--to"),
            ("pa55word.db", SERVER, "--from"),
            ("sqlite://", SERVER, "--from"),
            ("sqlite://portal.db?pa55word", SERVER, "--from"),
        ] {
            let failure = Ends::read(from, to).err().unwrap();
            let said = failure.to_string();
            assert!(said.starts_with(which), "{said}");
            assert!(!said.contains("pa55word"), "{said}");
            assert_eq!(failure.report(), Exit::Misuse);
        }
    }
}
