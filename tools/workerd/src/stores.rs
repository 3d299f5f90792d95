//! The suites for stores, on D1 inside the runtime.

use portal_contract::names;
use portal_harness::http;
use portal_harness::worker::Local;
use xtask::figures;
use xtask::run::Failure;
use xtask::toolchain::Toolchain;

/// The crate of a Worker that runs them.
const SUITE: &str = "tests/portal-contract-d1";

/// Its package, and the Worker's, whose dependencies are there already.
const PACKAGES: [&str; 2] = ["portal-contract-d1", "portal-worker"];

/// Payments of which each is looked for as soon as it is recorded …
const PAYMENTS: usize = 10_000;

/// … so many in one request, which must end within a client's patience.
const PAYMENTS_A_REQUEST: usize = 1000;

/// Runs every case that the other stores pass, and every story in `orders` orders at most.
pub(crate) fn stores(toolchain: &Toolchain, orders: u64) -> Result<(), Failure> {
    toolchain.worker_build(SUITE, &PACKAGES)?;
    let folder = tempfile::tempdir()?;
    let suite = Local::new(SUITE, "/cases", folder.path(), "suite")?;
    suite.migrate()?;
    let running = suite.bare(&[])?;
    let listed = http::get(suite.address, "/cases")?.body;
    let listed = serde_json::from_str::<Vec<String>>(&listed)?;
    if !names().eq(listed.iter().map(String::as_str)) {
        return Err("the Worker has other cases than the other stores".into());
    }
    let mut failed = Vec::new();
    for name in &listed {
        let line = format!("POST /cases/{name}?{orders}");
        let status = http::ask(suite.address, &line, "", "").map(|answer| answer.status);
        if status.as_ref().ok() != Some(&200) {
            println!("{name}: {status:?}");
            failed.push(name.as_str());
        }
    }
    summarize(&listed, &failed)?;
    each_at_once(&suite)?;
    if failed.is_empty() {
        return running.stop();
    }
    println!("-- the Worker's log ends with\n{}", suite.end_of_log());
    Err(failed.join(", ").into())
}

/// After each of many payments its donation is found at once.
fn each_at_once(suite: &Local) -> Result<(), Failure> {
    for done in (0..PAYMENTS).step_by(PAYMENTS_A_REQUEST) {
        let line = format!("POST /payments/{PAYMENTS_A_REQUEST}");
        let status = http::ask(suite.address, &line, "", "")?.status;
        if status != 200 {
            return Err(format!("after {done} payments: {status}").into());
        }
    }
    println!("{PAYMENTS} donations were there at once on D1");
    Ok(())
}

/// Says of each suite how many of its cases passed.
fn summarize(listed: &[String], failed: &[&str]) -> Result<(), Failure> {
    for suite in ["conformance", "stories"] {
        let is_of_suite = |name: &str| name.split('/').next() == Some(suite);
        let all = listed.iter().filter(|name| is_of_suite(name)).count();
        let failed = failed.iter().filter(|name| is_of_suite(name)).count();
        println!("{suite}: {} of {all} passed on D1", all - failed);
        figures::sum(&format!("{suite} passed on D1"), all - failed)?;
    }
    Ok(())
}
