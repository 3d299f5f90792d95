//! `test`: everything that runs to prove the service right.

mod binaries;
mod by_store;

use std::io::{BufRead as _, BufReader, pipe};
use std::path::Path;

use portal_test_postgres::Binaries;

use crate::run::{Background, Failure, cargo};
use crate::steps::Steps;
use crate::{clients, worker};

use self::binaries::Suites;
use self::by_store::Results;

/// A server for the tests, the workspace's tests, the real clients, then the Worker.
pub(crate) fn test() -> Result<(), Failure> {
    let mut steps = Steps::default();
    let mut results = None;
    steps.take("PostgreSQL for the tests", || {
        let found = Binaries::find_or_install()?;
        println!("version {} in {}", found.version(), found.folder().display());
        Ok(())
    });
    steps.take("unit, integration and doc tests", || {
        let suites = Suites::build()?;
        let (told, outcome) = run_all(suites)?;
        results = Some(told);
        outcome
    });
    steps.take("each store passed the suites for stores", || {
        let results = results.ok_or("the tests did not run")?;
        println!("{results}");
        results.expect_every_suite()
    });
    clients::take(&mut steps);
    worker::take(&mut steps);
    steps.finish()
}

/// Runs the workspace's tests, and shows what they print; tells what became of `suites` besides.
fn run_all(suites: Suites) -> Result<(Results, Result<(), Failure>), Failure> {
    // One pipe for both, so that a name and its results stay together.
    let (reader, writer) = pipe()?;
    let mut test = cargo(&["test", "--workspace", "--no-fail-fast"]);
    test.stdout(writer.try_clone()?).stderr(writer);
    let mut running = Background::start(&mut test)?;
    // It holds the pipe's other end, which must be closed for the reading to end.
    drop(test);
    let mut results = Results::of(suites);
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        results.hear(&line);
    }
    let ended = running.wait();
    Ok((results, ended))
}

/// The name of the file at the end of `path`.
fn file_name(path: &str) -> Option<&str> {
    Path::new(path).file_name()?.to_str()
}
