//! `clients`: Stripe's own tools and libraries send to the server.
//!
//! Each scenario has a server and a database of its own, on the loopback, and ends by asking the
//! inbox what arrived.

mod install;
mod libraries;
mod listen;
mod localstripe;
mod missed;
mod to_worker;
mod trigger;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use portal_harness::server::{self, Build, Setup};
use serde_json::Value;
use xtask::run::Failure;
use xtask::steps::Steps;

use self::trigger::trigger;

/// Let Stripe's own tools and libraries send to the server and to the Worker.
#[derive(Parser)]
#[command(name = "cargo xtask clients", bin_name = "cargo xtask clients")]
struct Arguments {
    #[command(flatten)]
    build: Build,
}

fn main() -> ExitCode {
    let Arguments { build } = Arguments::parse();
    xtask::at_root(|| {
        let mut steps = Steps::default();
        take(&mut steps, &build);
        steps.finish()
    })
}

fn take(steps: &mut Steps, build: &Build) {
    let (mut npm, mut pypi, mut program) = (Ok(()), Ok(()), None);
    steps.take("install from npm", || {
        npm = install::npm();
        Ok(npm.clone()?)
    });
    steps.take("install from PyPI", || {
        pypi = install::pypi();
        Ok(pypi.clone()?)
    });
    steps.take("stripe trigger, by localstripe, to the Worker", || {
        npm.clone()?;
        pypi.clone()?;
        to_worker::trigger_to_worker()
    });
    steps.take("build the server", || {
        program = Some(build.program()?);
        Ok(())
    });
    let Some(program) = program else { return };
    steps.take("stripe trigger, by localstripe", || {
        npm.clone()?;
        pypi.clone()?;
        with_server(&program, |setup, folder| {
            trigger(&setup.webhook_url(), || inbox(setup), folder)
        })
    });
    steps.take("what localstripe posted to nobody", || {
        pypi.clone()?;
        with_server(&program, missed::missed)
    });
    steps.take("stripe listen", || {
        npm.clone()?;
        pypi.clone()?;
        with_server(&program, listen::listen)
    });
    steps.take("Stripe's Node library", || {
        npm.clone()?;
        with_server(&program, libraries::node)
    });
    steps.take("Stripe's Python library", || {
        pypi.clone()?;
        with_server(&program, libraries::python)
    });
}

/// Runs `scenario` with a server and an empty folder; shows the server's log where it fails.
fn with_server(
    program: &Path,
    scenario: impl FnOnce(&Setup, &Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(program, folder.path(), "portal")?;
    let server = setup.start()?;
    let outcome = scenario(&setup, folder.path());
    if outcome.is_err() {
        println!("-- the server's log ends with\n{}", setup.end_of_log());
    }
    outcome.and_then(|()| server::stop(server))
}

/// Each event in the inbox, as id and type, sorted.
fn inbox(setup: &Setup) -> Result<Vec<(String, String)>, Failure> {
    let events = setup.events(1000)?;
    let mut events = events.iter().map(id_and_type).collect::<Result<Vec<_>, _>>()?;
    events.sort();
    Ok(events)
}

fn id_and_type(event: &Value) -> Result<(String, String), Failure> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(text("id").zip(text("type")).ok_or_else(|| format!("no event: {event}"))?)
}

/// Fails unless the inbox holds the event `id` of the sample's type, once, and nothing else.
fn expect_only(setup: &Setup, id: &str) -> Result<(), Failure> {
    let expected = [(id.to_owned(), portal_harness::delivery::SAMPLE_TYPE.to_owned())];
    let found = inbox(setup)?;
    if found == expected {
        return Ok(());
    }
    Err(format!("the inbox should hold {expected:?} and holds {found:?}").into())
}
