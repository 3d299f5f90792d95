//! `test`: everything that runs to prove the service right.

use crate::clients;
use crate::run::{Failure, cargo, run};
use crate::steps::Steps;

/// The workspace's tests, then the real clients.
pub(crate) fn test() -> Result<(), Failure> {
    let mut steps = Steps::default();
    steps.take("unit, integration and doc tests", || {
        run(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))
    });
    clients::take(&mut steps);
    steps.finish()
}
