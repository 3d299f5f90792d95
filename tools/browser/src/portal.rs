//! A portal with sample donations, whose console is looked at.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use xtask::run::{Background, Failure, command, wait_for};

/// The time that a start with sample donations may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The beginning of the line with the address of the console.
const CONSOLE: &str = "The console:";

/// The beginning of the line that comes once the samples are there.
const SERVING: &str = "Serving at";

/// `donation-portal dev` in a folder of its own; it ends when this value goes.
pub(crate) struct Portal {
    /// The address of the console, without a path.
    pub(crate) origin: String,
    /// The address that takes deliveries.
    pub(crate) webhook: SocketAddr,
    pub(crate) folder: TempDir,
    _server: Background,
}

impl Portal {
    pub(crate) fn start(program: &Path, variables: &[(&str, &str)]) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let printed = folder.path().join("printed");
        let mut dev = command(fs::canonicalize(program)?, &["dev"]);
        dev.current_dir(folder.path()).env_clear().envs(variables.iter().copied());
        dev.env("LISTEN_ADDR", "127.0.0.1:0").env("OPERATOR_ADDR", "127.0.0.1:0");
        let mut server = Background::start(dev.stdout(File::create(&printed)?))?;
        let console = wait_for("the samples of dev", START_LIMIT, || {
            server.check_alive()?;
            let printed = fs::read_to_string(&printed)?;
            let whole = printed.contains(SERVING);
            Ok(printed
                .lines()
                .find_map(|it| it.strip_prefix(CONSOLE))
                .map(str::to_owned)
                .filter(|_| whole))
        })?;
        let origin = console.trim().strip_suffix("/ops/").ok_or("dev prints another address")?;
        let webhook = address(&fs::read_to_string(&printed)?).ok_or("dev prints no address")?;
        Ok(Self { origin: origin.to_owned(), webhook, folder, _server: server })
    }
}

/// Returns the address of the webhook: `Serving at http://ADDRESS/api/webhooks/stripe until Ctrl-C.`
fn address(printed: &str) -> Option<SocketAddr> {
    let url = printed.lines().find_map(|it| it.strip_prefix(SERVING))?;
    url.trim().strip_prefix("http://")?.split('/').next()?.parse().ok()
}
