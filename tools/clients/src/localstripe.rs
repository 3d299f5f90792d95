//! localstripe: an account at Stripe that somebody else has imagined.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use portal_harness::http::{self, Answer};
use portal_harness::server::free_address;
use serde_json::Value;
use xtask::run::{Background, Failure, command, wait_for};

use crate::install;
use crate::listen::API_KEY;

const LIMIT: Duration = Duration::from_secs(30);

/// A running one, with nothing in it; gone when dropped.
pub(crate) struct Localstripe {
    pub(crate) address: SocketAddr,
    _process: Background,
}

impl Localstripe {
    /// Starts one that keeps its files in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        let address = free_address()?;
        let mut program = command(install::venv("localstripe"), &["--from-scratch", "--port"]);
        program.arg(address.port().to_string()).env("TMPDIR", folder);
        let mut process = Background::start(&mut program)?;
        wait_for("localstripe to answer", LIMIT, || {
            process.check_alive()?;
            let answer = http::ask(address, "GET /v1/events", &bearer(), "");
            Ok(answer.is_ok_and(|it| it.status == 200).then_some(()))
        })?;
        Ok(Self { address, _process: process })
    }

    /// Posts a form, and reads the answer.
    pub(crate) fn post(&self, path: &str, form: &str) -> Result<Value, Failure> {
        let heads = format!("{}Content-Type: application/x-www-form-urlencoded\r\n", bearer());
        let Answer { status, body, .. } =
            http::ask(self.address, &format!("POST {path}"), &heads, form)?;
        if status != 200 {
            return Err(format!("localstripe answers {path} with {status}: {body}").into());
        }
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    /// Posts a form, and hands out the id of what was made.
    pub(crate) fn make(&self, path: &str, form: &str) -> Result<String, Failure> {
        let made = self.post(path, form)?;
        let id = made.get("id").and_then(Value::as_str).map(str::to_owned);
        Ok(id.ok_or_else(|| format!("{path} made nothing: {made}"))?)
    }
}

pub(crate) fn bearer() -> String {
    format!("Authorization: Bearer {API_KEY}\r\n")
}
