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
            return Err(Failure::misuse("--from", "it must be sqlite://PATH")
                .advise("move a PostgreSQL database with pg_dump and pg_restore"));
        }
        if is_file(to) {
            return Err(Failure::misuse("--to", "it must be postgres://…")
                .advise("copy a SQLite file with `donation-portal backup`"));
        }
        let path = path_of(from).map_err(|why| Failure::misuse("--from", why))?;
        if !is_server(to) {
            let why = "it must be postgres://USER:PASSWORD@HOST:PORT/DATABASE";
            return Err(Failure::misuse("--to", why));
        }
        let address = Box::new(DatabaseAddress::parse(to).map_err(Failure::setting("--to"))?);
        let (from, to) =
            (DatabaseUrl::Sqlite(path.clone()), DatabaseUrl::Postgres(address.clone()));
        Ok(Self { path, address, from, to })
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
                failure.advise("create it (createdb), or correct --to")
            } else if matches!(error, StoreError::Unreachable | StoreError::AccessDenied(_)) {
                failure.advise("check --to")
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
