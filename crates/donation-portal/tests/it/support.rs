//! Tools for tests that run the program as its users do: process, socket, command line, database.

pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod event;
pub(crate) mod home;
pub(crate) mod http;
pub(crate) mod output;
pub(crate) mod postgres;
pub(crate) mod server;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

pub(crate) type Result<T = ()> = std::result::Result<T, Error>;

/// Runs `what` on this number of threads at once, each with its index, and returns all results.
pub(crate) fn at_once<T: Send>(
    threads: usize,
    what: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    std::thread::scope(|scope| {
        let what = &what;
        let threads: Vec<_> =
            (0..threads).map(|number| scope.spawn(move || what(number))).collect();
        threads.into_iter().map(|it| it.join().map_err(|_| "a thread panicked")?).collect()
    })
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
