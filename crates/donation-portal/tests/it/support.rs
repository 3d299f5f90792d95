//! Tools for tests that run the program as its users do: process, socket, command line, database.

pub(crate) mod clock;
pub(crate) mod event;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod output;
pub(crate) mod server;

pub(crate) use portal_testkit::{Result, at_once, channel};

/// PostgreSQL servers, with a user for the service and databases of its own.
pub(crate) mod postgres {
    pub(crate) use portal_testkit::postgres::{
        Database, Held, SERVICE_PASSWORD as PASSWORD, SERVICE_USER as USER, shared as cluster,
        start,
    };
}

/// Makes a test on each store of what takes a [`home::On`].
macro_rules! on_each_store {
    ($($test:ident)*) => {
        $(mod $test {
            #[test]
            fn on_sqlite() -> $crate::support::Result {
                super::$test($crate::support::home::On::Sqlite)
            }

            #[test]
            #[ignore = "needs PostgreSQL; `cargo xtask test` runs it"]
            fn on_postgres() -> $crate::support::Result {
                super::$test($crate::support::home::On::Postgres)
            }
        })*
    };
}

/// Makes a test of what needs PostgreSQL.
macro_rules! on_postgres {
    ($($test:ident)*) => {
        $(mod $test {
            #[test]
            #[ignore = "needs PostgreSQL; `cargo xtask test` runs it"]
            fn on_postgres() -> $crate::support::Result {
                super::$test()
            }
        })*
    };
}
