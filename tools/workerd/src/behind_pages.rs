//! The Pages project in front of the Worker hands deliveries on untouched.

use std::fs;
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

/// Without its Functions the project answers no monitor with 200.
pub(crate) fn without_functions() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("project");
    fs::create_dir_all(project.join("public"))?;
    for file in ["wrangler.toml", "public/index.html", "public/404.html"] {
        fs::copy(Path::new(PAGES).join(file), project.join(file))?;
    }
    let home = project.to_str().ok_or("a path that is no text")?;
    let pages = Local::new(home, "/", folder.path(), "pages")?;
    let running = pages.pages()?;
    let asked = ["/health", "/health/ready"].map(|path| http::get(pages.address, path));
    running.stop()?;
    for answer in asked {
        let status = answer?.status;
        if status != 404 {
            return Err(format!("a monitor is answered {status}").into());
        }
    }
    Ok(())
}
