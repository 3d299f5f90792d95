//! `test`: all tests, on the three homes of the service.

use xtask::run::{cargo, run};
use xtask::steps::Steps;

use crate::tool::{Optimized, Tool, in_tools};

/// The tests of the workspace, which bring up PostgreSQL themselves, those of the tools, and the
/// Worker with D1 in Cloudflare's runtime.
pub(crate) fn take(steps: &mut Steps) {
    steps.take("test: SQLite, PostgreSQL and all that needs no store", || {
        // Ignored are the tests that need PostgreSQL.
        run(&mut cargo(&["test", "--workspace", "--no-fail-fast", "--", "--include-ignored"]))
    });
    steps.take("test: the tools", || {
        run(&mut in_tools(&["test", "--quiet", "--workspace", "--no-fail-fast"])?)
    });
    steps.take("test: the Worker with D1", || {
        Tool::WorkerTest.run(Optimized::No, std::iter::empty::<&str>())
    });
}
