//! The server on SQLite, beside a handler that does nothing.

use std::path::Path;

use portal_harness::server::{self, Setup};
use xtask::run::Failure;

use crate::beside::Beside;
use crate::grown::{self, Inboxes};
use crate::open_loop::{self, Pace};
use crate::side_by_side::{self, Contender, Plan};
use crate::{Arguments, Bench};

/// The aim for p99.
pub(crate) const AIM_MS: f64 = 10.0;

/// Measures everything.
pub(crate) fn run(
    bench: &mut Bench,
    arguments: &Arguments,
    program: &Path,
    folder: &Path,
) -> Result<(), Failure> {
    let empty = Setup::new(program, folder, "empty")?;
    let server = empty.start()?;
    let floor = Beside::start("floor", None)?;
    let plan = Plan::new(arguments);
    let contender = |name, addresses| Contender { name, addresses };
    let (ours, its) = ([empty.address], [floor.address]);
    let contest = [contender("server", &ours), contender("bare handler", &its)];
    side_by_side::run(bench, &plan, contest, None)?;
    drop(floor);
    let pace = Pace { rate: arguments.rate(), seconds: arguments.seconds(), aim_ms: AIM_MS };
    open_loop::run(bench, &ours, pace, "all well")?;
    server::stop(server)?;
    open_loop::while_a_channel_hangs(bench, &empty, pace)?;

    let Some(events) = arguments.grown else { return Ok(()) };
    let grown = Setup::new(program, folder, "grown")?;
    let fresh = Setup::new(program, folder, "fresh")?;
    grown::run(bench, &plan, &Inboxes { grown, fresh }, events, pace)
}
