//! `clients`: Stripe's own tools and libraries send to the server.
//!
//! Each scenario has a server and a database of its own, on the loopback, and ends by asking the
//! inbox what arrived.

mod install;
mod libraries;
mod listen;
mod localstripe;
mod missed;
mod trigger;

pub(crate) use self::install::{npm, pypi};
pub(crate) use self::trigger::trigger;

use std::path::Path;

use serde_json::Value;

use crate::run::Failure;
use crate::server::{self, Setup};
use crate::steps::Steps;

/// Runs the real clients alone.
pub(crate) fn clients() -> Result<(), Failure> {
    let mut steps = Steps::default();
    take(&mut steps);
    steps.finish()
}

/// Runs the real clients as further `steps`.
pub(crate) fn take(steps: &mut Steps) {
    let (mut npm, mut pypi, mut program) = (Ok(()), Ok(()), None);
    steps.take("clients: install from npm", || {
        npm = install::npm();
        Ok(npm.clone()?)
    });
    steps.take("clients: install from PyPI", || {
        pypi = install::pypi();
        Ok(pypi.clone()?)
    });
    steps.take("clients: build the server", || {
        program = Some(server::build_dev()?);
        Ok(())
    });
    let Some(program) = program else { return };
    steps.take("clients: stripe trigger, by localstripe", || {
        npm.clone()?;
        pypi.clone()?;
        with_server(&program, |setup, folder| {
            trigger(&setup.webhook_url(), || inbox(setup), folder)
        })
    });
    steps.take("clients: what localstripe posted to nobody", || {
        pypi.clone()?;
        with_server(&program, missed::missed)
    });
    steps.take("clients: stripe listen", || {
        npm.clone()?;
        pypi.clone()?;
        with_server(&program, listen::listen)
    });
    steps.take("clients: Stripe's Node library", || {
        npm.clone()?;
        with_server(&program, libraries::node)
    });
    steps.take("clients: Stripe's Python library", || {
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
    let expected = [(id.to_owned(), crate::delivery::SAMPLE_TYPE.to_owned())];
    let found = inbox(setup)?;
    if found == expected {
        return Ok(());
    }
    Err(format!("the inbox should hold {expected:?} and holds {found:?}").into())
}
