//! The time of day as the domain has it.

use portal_domain::UnixSeconds;
pub(crate) use portal_testkit::clock::{Stopwatch, wait_for};

use super::Result;

/// The time of day.
pub(crate) fn now() -> Result<UnixSeconds> {
    let now = portal_testkit::clock::now();
    Ok(UnixSeconds::new(now).ok_or("no calendar has this moment")?)
}
