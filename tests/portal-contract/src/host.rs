//! The HTTP contract of every host, as cases against a base URL.
//!
//! The crate knows no host: it gets an address, the signing secret of the host, and optionally a
//! [`Witness`]. Events have new ids in every run, so that the cases can run again on the same
//! database.
//!
//! ```no_run
//! let host = portal_contract::host::Host::new("https://portal.example.org", "whsec_of_a_test", None);
//! let failed = portal_contract::host::run_all(&host, |case, outcome| match outcome {
//!     Ok(()) => println!("{}", case.name),
//!     Err(failure) => println!("{}: {failure}", case.name),
//! });
//! assert!(failed.is_empty());
//! ```
//!
//! Without a witness only answers are checked. A [`Witness`] is needed to check that an event is
//! recorded once, that a delivery leaves one log line, and that no personal data is stored. The
//! clocks of both machines must agree to a few seconds.
//!
//! [`run_all`] runs all cases, one after another; [`CASES`] lists them.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there reads as null")]

mod target;

mod answer;

mod witness;

mod list;

mod verdicts;

mod signatures;

mod bodies;

mod repeats;

mod health;

mod paths;

mod log;

mod privacy;

mod lines;

pub use list::CASES;
pub use target::Host;
pub use witness::Witness;

pub use portal_testkit::Failure;

/// One requirement of a host.
pub struct Case {
    /// The requirement, as a sentence.
    pub name: &'static str,
    /// The check, which fails or panics if the host does not meet the requirement.
    pub run: fn(&Host) -> Result<(), Failure>,
}

/// Runs all cases, one after another, and reports each when it has ended; returns the names of those
/// that failed.
#[must_use]
pub fn run_all(
    host: &Host,
    mut tell: impl FnMut(&Case, &Result<(), Failure>),
) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for case in CASES {
        let outcome = on_its_own(case.name, || (case.run)(host));
        tell(case, &outcome);
        if outcome.is_err() {
            failed.push(case.name);
        }
    }
    failed
}

/// Runs a case on a thread of its own, so that a panic is a failure like any other.
pub(crate) fn on_its_own(
    name: &str,
    run: impl FnOnce() -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let case = std::thread::Builder::new().name(name.into()).spawn_scoped(scope, run)?;
        case.join().unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            Err(text.or_else(|| panic.downcast_ref().copied()).unwrap_or("it panicked").into())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{CASES, Host, run_all};

    #[test]
    fn a_host_that_is_not_there_passes_no_case() {
        // The port was bound and released, so nothing listens there.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let host = Host::new(&format!("http://{closed}"), "whsec_of_a_test", None);
        let mut told = Vec::new();
        let failed = run_all(&host, |case, outcome| {
            assert!(outcome.is_err(), "{}", case.name);
            told.push(case.name);
        });
        assert_eq!(failed, told);
        assert_eq!(failed.len(), CASES.len());
    }
}
