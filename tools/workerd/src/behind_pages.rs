//! The Pages project in front of the Worker hands deliveries on untouched.

use std::path::Path;

use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http;
use portal_harness::worker::Local;
use portal_harness::worker::{deliver, expect_outcome, start};
use xtask::chance::Chance;
use xtask::run::Failure;

/// The project, which is bound to the Worker by name.
const PAGES: &str = "deploy/pages";

/// Delivers to the project's address; the Worker must take the signature for genuine.
pub(crate) fn behind_pages(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    let running = start(receiver, &[])?;
    let pages = Local::new(PAGES, "/health", folder, "pages")?;
    let before = pages.pages()?;
    let id = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    let delivered = deliver(&pages, &Deliveries::new()?.request(&id));
    delivered.map_err(|failure| format!("{failure}; Pages says\n{}", pages.end_of_log()))?;
    expect_outcome(receiver, &id, "recorded")?;
    let ready = http::get(pages.address, "/health/ready")?.status;
    before.stop()?;
    running.stop()?;
    let found = receiver.database()?.ids()?;
    if ready == 200 && found == [id] {
        return Ok(());
    }
    Err(format!("/health/ready is {ready}, and the inbox holds {found:?}").into())
}
