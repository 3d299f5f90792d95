//! The runtime ends between deliveries, politely and not: with D1 nothing is forgotten.

use std::path::Path;

use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::worker::Local;
use portal_harness::worker::{deliver, expect_outcome, start};
use xtask::chance::Chance;
use xtask::run::Failure;

/// Ends and starts the runtime; every repeat must be a duplicate, and every event there once.
pub(crate) fn restarts(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let mut ids = Ids::new(IdShape::Stripe, Chance::fresh_seed());
    let (first, second) = (ids.draw(), ids.draw());
    let deliveries = Deliveries::new()?;

    let running = start(receiver, &[])?;
    deliver(receiver, &deliveries.request(&first))?;
    expect_outcome(receiver, &first, "recorded")?;
    running.stop()?;

    let mut running = start(receiver, &[])?;
    deliver(receiver, &deliveries.request(&first))?;
    expect_outcome(receiver, &first, "duplicate")?;
    deliver(receiver, &deliveries.request(&second))?;
    running.kill();

    let running = start(receiver, &[])?;
    deliver(receiver, &deliveries.request(&second))?;
    expect_outcome(receiver, &second, "duplicate")?;
    running.stop()?;

    let found = receiver.database()?.ids()?;
    if found == [first.as_str(), second.as_str()] {
        return Ok(());
    }
    Err(format!("the inbox should hold {first} and {second}, and holds {found:?}").into())
}
