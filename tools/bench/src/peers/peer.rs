//! The ways in which each peer is installed and started. Its program is in `tools/bench/peers`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use portal_harness::delivery::SECRET;
use xtask::packages::Packages;
use xtask::run::{Failure, command, read};
use xtask::steps::NotRun;

const EXPRESS: Packages =
    Packages { from: "tools/bench/peers/express", to: "target/peers/express" };

const FASTAPI: Packages =
    Packages { from: "tools/bench/peers/fastapi", to: "target/peers/fastapi" };

/// Prints the versions of what the peer in JavaScript consists of.
const NODE_VERSIONS: &str = "
const packages = Object.entries(require('./package.json').dependencies);
const sqlite = require('better-sqlite3')(':memory:').prepare('select sqlite_version()');
const names = packages.map((it) => it.join(' '));
console.log(['Node ' + process.version, ...names, 'SQLite ' + sqlite.pluck().get()].join(', '))";

/// Prints the versions of what the peer in Python consists of.
const PYTHON_VERSIONS: &str = "
import platform, sqlite3
from importlib.metadata import version
names = [f'{it} {version(it)}' for it in ('fastapi', 'uvicorn', 'uvloop', 'httptools', 'stripe')]
python, sqlite = platform.python_version(), sqlite3.sqlite_version
print(', '.join([f'Python {python}', *names, f'SQLite {sqlite}']))";

/// Which peer.
#[derive(Clone, Copy)]
pub(super) enum Peer {
    Express,
    FastApi,
}

impl Peer {
    /// Each of them.
    pub(super) const ALL: [Self; 2] = [Self::Express, Self::FastApi];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Express => "Express",
            Self::FastApi => "FastAPI",
        }
    }

    /// Installs it, where it is not there already.
    pub(super) fn install(self) -> Result<(), NotRun> {
        match self {
            Self::Express => EXPRESS.npm_compiled("better-sqlite3"),
            Self::FastApi => FASTAPI.pypi(),
        }
    }

    /// Returns the versions of what it consists of.
    pub(super) fn versions(self) -> Result<String, Failure> {
        let versions = match self {
            Self::Express => read(command("node", &["-e", NODE_VERSIONS]).current_dir(EXPRESS.to)),
            Self::FastApi => read(&mut command(FASTAPI.venv("python"), &["-c", PYTHON_VERSIONS])),
        };
        Ok(versions?.trim().to_owned())
    }

    /// Returns the command that serves it at `address`, with its events in the file `database`.
    pub(super) fn command(self, address: SocketAddr, database: &Path) -> Command {
        let port = address.port().to_string();
        let mut serve = match self {
            Self::Express => {
                let mut node = command("node", &[]);
                // In production Express does not answer an error with a trace of calls.
                node.arg(EXPRESS.path("server.js")).env("NODE_ENV", "production");
                node.env("PORT", port);
                node
            }
            Self::FastApi => {
                let quiet = ["--no-access-log", "--log-level", "warning"];
                let mut uvicorn = command(FASTAPI.venv("uvicorn"), &["server:app"]);
                uvicorn.args(["--app-dir", FASTAPI.to, "--port", &port]).args(quiet);
                uvicorn
            }
        };
        serve.env("DATABASE", database).env("STRIPE_WEBHOOK_SECRET", SECRET);
        serve
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{EXPRESS, FASTAPI};

    #[test]
    fn every_package_has_a_version_and_a_checksum() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |folder: &str, file| fs::read_to_string(root.join(folder).join(file)).unwrap();
        let lock: serde_json::Value =
            serde_json::from_str(&read(EXPRESS.from, "package-lock.json")).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        let of_others = packages.iter().filter(|(name, _)| !name.is_empty());
        assert!(of_others.clone().count() > 10);
        for (name, package) in of_others {
            assert!(package["version"].is_string() && package["integrity"].is_string(), "{name}");
        }
        let list = read(FASTAPI.from, "requirements.txt");
        let packages = list.split("\n").filter(|line| !line.starts_with([' ', '#']));
        for line in packages.filter(|line| !line.is_empty()) {
            assert!(line.contains("==") && line.ends_with('\\'), "{line}");
        }
    }
}
