//! `stripe listen` forwards an event to the server, as it does on a developer's machine.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use portal_harness::delivery::{Deliveries, IdShape, Ids, SECRET};
use portal_harness::server::{Setup, free_address};
use xtask::chance::Chance;
use xtask::run::{Background, Failure, command, wait_for};

use crate::{expect_only, install};

/// The command line wants keys of this length; nobody checks it.
pub(crate) const API_KEY: &str = "sk_test_0000000000000000000000000000000000000000";

const LIMIT: Duration = Duration::from_secs(30);

/// Runs the genuine command against a stand-in for Stripe, which feeds it one event.
pub(crate) fn listen(setup: &Setup, folder: &Path) -> Result<(), Failure> {
    let id = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    let event = folder.join("event.json");
    fs::write(&event, Deliveries::new()?.body(&id))?;

    let address = free_address()?;
    let mut stand_in = command(install::venv("python"), &[]);
    stand_in.arg(install::script("listen_standin.py"));
    stand_in.arg(address.port().to_string()).arg(SECRET).arg(&event);
    let mut stand_in = Background::start(&mut stand_in)?;
    wait_for("the stand-in to listen", LIMIT, || {
        stand_in.check_alive()?;
        Ok(TcpStream::connect(address).ok())
    })?;

    let mut listen = command(install::stripe()?, &["listen", "--all-snapshot", "--skip-update"]);
    listen.args(["--no-wss", "--api-key", API_KEY, "--api-base", &format!("http://{address}")]);
    listen.args(["--forward-to", &setup.webhook_url()]);
    at_home_in(&mut listen, folder);
    let _listen = Background::start(&mut listen)?;
    stand_in.finish(LIMIT)?;
    expect_only(setup, &id)
}

/// Keeps Stripe's command line from the developer's own settings and from the network.
pub(crate) fn at_home_in(stripe: &mut std::process::Command, folder: &Path) {
    stripe.env("HOME", folder).env("XDG_CONFIG_HOME", folder);
    stripe.env("STRIPE_CLI_TELEMETRY_OPTOUT", "1");
}
