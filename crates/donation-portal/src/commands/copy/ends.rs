//! The source and the target of a copy.

use std::path::PathBuf;

use portal_domain::{StoreError, Text, text};
use portal_postgres::DatabaseAddress;
use portal_postgres::import::Import;
use portal_service::settings::{DATABASE_URL, Secrecy, Setting};
use portal_sqlite::export::Export;

use crate::database::DatabaseUrl;
use crate::exit::Failure;

/// The source, which is checked as a setting is.
const FROM: Setting = Setting {
    name: "--from",
    secrecy: Secrecy::Secret,
    default: None,
    form: "sqlite://PATH",
    form_in_japanese: "sqlite://PATH",
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
                let why = text!("it must be sqlite://PATH", "sqlite://PATH にしてください");
                Err(Failure::misuse(FROM.name, why).advise(text!(
                    "move a PostgreSQL database with pg_dump and pg_restore",
                    "PostgreSQL のデータベースは pg_dump と pg_restore で移してください"
                )))
            }
            (_, DatabaseUrl::Sqlite(_)) => {
                let why = text!(
                    "it must be postgres://USER:PASSWORD@HOST:PORT/DATABASE",
                    "postgres://USER:PASSWORD@HOST:PORT/DATABASE にしてください"
                );
                Err(Failure::misuse(DATABASE_URL.name, why).advise(text!(
                    "copy a SQLite file with `donation-portal backup`",
                    "SQLite のファイルは `donation-portal backup` でコピーしてください"
                )))
            }
            (DatabaseUrl::Sqlite(path), DatabaseUrl::Postgres(address)) => {
                Ok(Self { path: path.clone(), address: address.clone(), from, to })
            }
        }
    }

    pub(super) fn open_source(&self) -> Result<Export, Failure> {
        Export::open(&self.path).map_err(|error| {
            let failure = Failure::could_not(opening(&self.from), &error);
            if error == StoreError::Missing {
                failure.advise(text!("correct --from", "--from を直してください"))
            } else {
                failure.with(&error)
            }
        })
    }

    pub(super) fn open_target(&self) -> Result<Import, Failure> {
        Import::open(&self.address).map_err(|error| {
            let failure = Failure::could_not(opening(&self.to), &error);
            if error == StoreError::Missing {
                failure.advise(text!(
                    "create it (createdb), or correct DATABASE_URL",
                    "作成するか（createdb）、DATABASE_URL を直してください"
                ))
            } else if matches!(error, StoreError::Unreachable | StoreError::AccessDenied(_)) {
                failure.advise(text!("check DATABASE_URL", "DATABASE_URL を確認してください"))
            } else {
                failure.with(&error)
            }
        })
    }

    pub(super) fn could_not_read(&self, error: &StoreError) -> Failure {
        let from = &self.from;
        Failure::could_not(text!("read {from}", "{from} を読み取れません"), error).with(error)
    }

    pub(super) fn could_not_write(&self, error: &StoreError) -> Failure {
        let to = &self.to;
        Failure::could_not(text!("write to {to}", "{to} に書き込めません"), error).advise(text!(
            "solve that, then run copy again",
            "解決してから、copy をもう一度実行してください"
        ))
    }
}

fn opening(home: &DatabaseUrl) -> Text {
    text!("open {home}", "{home} を開けません")
}

#[cfg(test)]
mod tests {
    use portal_outbound::Language;

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
            let ends = ends(from, to).map_err(|it| it.text()).unwrap();
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
            let said = failure.text();
            assert!(said.en.starts_with(which), "{said:?}");
            assert!(!format!("{said:?}").contains("pa55word"), "{said:?}");
            assert_eq!(failure.report(Language::En), Exit::Misuse);
        }
    }
}
