//! `test`: all tests, on the three homes of the service.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use xtask::figures;
use xtask::run::{Background, Failure, cargo, command, run, target_folder};
use xtask::steps::Steps;

use crate::tool::{Optimized, Tool, in_tools};

/// All tests of the workspace: ignored are those that need PostgreSQL.
pub(crate) const ALL: [&str; 5] =
    ["test", "--workspace", "--no-fail-fast", "--", "--include-ignored"];

/// Begins to build the Worker and what that takes, for cores that would be idle: most tests wait, and the
/// compiler works at the Worker's last crate alone. The step that needs the Worker says where that failed.
pub(crate) fn build_worker_beside() -> Result<Background, Failure> {
    let log = File::create(target_folder()?.join("worker-build.log"))?;
    let mut build = command("nice", &["-n", "19"]);
    build.arg(std::env::current_exe()?).args(["worker", "build"]);
    Background::start(build.stdout(log.try_clone()?).stderr(log))
}

/// The tests of the workspace, which bring up PostgreSQL themselves, those of the tools, and the
/// Worker with D1 in Cloudflare's runtime, once its build `worker` has ended.
pub(crate) fn take(steps: &mut Steps, mut worker: Background) {
    steps.take("test: SQLite, PostgreSQL and all that needs no store", || run(&mut cargo(&ALL)));
    steps.take("test: the tools", || {
        run(&mut in_tools(&["test", "--quiet", "--workspace", "--no-fail-fast"])?)
    });
    steps.take("test: the Worker with D1", || {
        worker.wait().ok();
        Tool::WorkerTest.run(Optimized::No, std::iter::empty::<&str>())
    });
}

/// Runs tests; tells how many passed as a figure.
pub(crate) fn run_tests(tests: &mut Command) -> Result<(), Failure> {
    let mut child = tests.stdout(Stdio::piped()).spawn()?;
    let mut passed = 0;
    for line in child.stdout.take().into_iter().flat_map(|it| BufReader::new(it).lines()) {
        let line = line?;
        println!("{line}");
        passed += passed_by(&line);
    }
    let status = child.wait()?;
    match (status.success(), passed) {
        (false, _) => Err(format!("the tests failed: {status}").into()),
        (true, 0) => Err("no test was run".into()),
        (true, passed) => figures::sum("tests passed", passed),
    }
}

/// Returns the number of tests that a line of a test program's output counts as passed.
fn passed_by(line: &str) -> u32 {
    let counted = line.strip_prefix("test result: ok. ").and_then(|it| it.split_once(' '));
    counted.and_then(|(number, _)| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::passed_by;

    #[test]
    fn the_tests_that_passed_are_counted() {
        let line = "test result: ok. 445 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(passed_by(line), 445);
        assert_eq!(passed_by("test store::is_read ... ok"), 0);
    }
}
