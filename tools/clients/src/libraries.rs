//! Stripe's libraries as signers: what they sign is taken in once, and what is stale or forged is
//! not.

use std::fs;
use std::path::Path;
use std::process::Command;

use portal_harness::delivery::{Deliveries, IdShape, Ids, SECRET};
use portal_harness::server::Setup;
use xtask::chance::Chance;
use xtask::run::{Failure, command, read};

use crate::{expect_only, install};

/// The output of the scripts when all is well.
const EXPECTED: &str = "stale 400\nforged 400\ngood 200\nrepeated 200\n";

/// Signs with the Node library.
pub(crate) fn node(setup: &Setup, folder: &Path) -> Result<(), Failure> {
    sign(setup, folder, command("node", &[]).arg(install::script("sign.mjs")))
}

/// Signs with the Python library.
pub(crate) fn python(setup: &Setup, folder: &Path) -> Result<(), Failure> {
    sign(setup, folder, command(install::venv("python"), &[]).arg(install::script("sign.py")))
}

fn sign(setup: &Setup, folder: &Path, script: &mut Command) -> Result<(), Failure> {
    let (deliveries, mut ids) =
        (Deliveries::new()?, Ids::new(IdShape::Stripe, Chance::fresh_seed()));
    let (good, refused) = (ids.draw(), ids.draw());
    let good_file = folder.join("good.json");
    let refused_file = folder.join("refused.json");
    fs::write(&good_file, deliveries.body(&good))?;
    fs::write(&refused_file, deliveries.body(&refused))?;
    script.arg(setup.webhook_url()).arg(SECRET).arg(good_file).arg(refused_file);
    let answers = read(script)?;
    print!("{answers}");
    if answers != EXPECTED {
        return Err(format!("the answers should have been\n{EXPECTED}").into());
    }
    expect_only(setup, &good)
}
