//! A Worker in the local runtime, as processes of its own.

mod traces;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use xtask::run::{Failure, command, run, wait_for};
use xtask::toolchain::{CLOUDFLARE, wrangler};
use xtask::worker::BINDING;

use crate::http;
use crate::server::free_address;
use crate::worker::group::Group;

/// The time that the runtime may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A Worker, or a Pages project before it: what it is, and where it runs.
#[derive(Clone)]
pub struct Local {
    home: PathBuf,
    config: PathBuf,
    program: PathBuf,
    pub address: SocketAddr,
    ready: &'static str,
    state: PathBuf,
    log: PathBuf,
    /// The folder of the registry in which Workers find each other, and of `wrangler`'s own logs.
    shared: PathBuf,
}

impl Local {
    /// Runs the folder `home`, which answers the path `ready` with 200 as soon as it runs; its
    /// state and its log will be in `folder`, by the name of `name`.
    pub fn new(
        home: &str,
        ready: &'static str,
        folder: &Path,
        name: &str,
    ) -> Result<Self, Failure> {
        let home = PathBuf::from(home);
        Ok(Self {
            config: home.join("wrangler.toml"),
            program: home.join("build/index.js"),
            home,
            address: free_address()?,
            ready,
            state: folder.join(name),
            log: folder.join(format!("{name}.log")),
            shared: folder.join("wrangler"),
        })
    }

    /// The same with the configuration `config`, to be run [bare](Self::bare).
    pub fn with_config(self, config: PathBuf) -> Self {
        Self { config, ..self }
    }

    /// The same with another `program`, to be run [bare](Self::bare).
    pub fn with_program(self, program: PathBuf) -> Self {
        Self { program, ..self }
    }

    /// Returns the URL that Stripe would post to.
    pub fn webhook_url(&self) -> String {
        format!("http://{}/api/webhooks/stripe", self.address)
    }

    /// Makes the schema.
    pub fn migrate(&self) -> Result<(), Failure> {
        let mut migrate = self.wrangler(&["d1", "migrations", "apply", BINDING, "--local"])?;
        run(migrate.stdout(self.log()?))
    }

    /// Starts `wrangler dev`, and waits until the Worker is ready.
    pub fn dev(&self, variables: &[(&str, &str)]) -> Result<Group, Failure> {
        let mut dev = self.wrangler(&["dev"])?;
        // A named file keeps the developer's own `.dev.vars` from being read.
        let empty = self.shared.join("no-variables");
        fs::write(&empty, "")?;
        dev.arg("--env-file").arg(empty);
        for (name, value) in variables {
            dev.args(["--var", &format!("{name}:{value}")]);
        }
        self.start(self.listening(&mut dev))
    }

    /// Starts `wrangler pages dev`, and waits until the project is ready.
    pub fn pages(&self) -> Result<Group, Failure> {
        self.start(self.listening(&mut self.wrangler(&["pages", "dev"])?))
    }

    /// Starts the runtime without `wrangler`, which puts a Worker of its own before the others: that
    /// takes its time, and hangs after a body that was not read.
    pub fn bare(&self, variables: &[(&str, &str)]) -> Result<Group, Failure> {
        let mut node = command("node", &[]);
        node.arg(CLOUDFLARE.path("serve.mjs")).arg(&self.config);
        node.arg(&self.program).arg(&self.state);
        node.arg(self.address.port().to_string());
        node.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
        self.start(node.env("CLOUDFLARE_CF_FETCH_ENABLED", "false"))
    }

    /// Runs `command` until it is ready. Its log goes on where the last one ended.
    fn start(&self, command: &mut Command) -> Result<Group, Failure> {
        let mut group = Group::start(command.stdout(self.log()?).stderr(self.log()?))?;
        let ready = wait_for("the Worker to be ready", START_LIMIT, || {
            group.check_alive()?;
            let answer = http::get(self.address, self.ready);
            Ok(answer.is_ok_and(|it| it.status == 200).then_some(()))
        });
        ready.map_err(|failure| format!("{failure}; its log ends with\n{}", self.end_of_log()))?;
        Ok(group)
    }

    /// `wrangler` with `words`, kept from the developer's own settings, from the network and from
    /// questions.
    fn wrangler(&self, words: &[&str]) -> Result<Command, Failure> {
        fs::create_dir_all(&self.shared)?;
        let mut wrangler = wrangler(&self.home)?;
        wrangler
            .args(words)
            .arg("--persist-to")
            .arg(&self.state)
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("WRANGLER_LOG_PATH", self.shared.join("logs"))
            .env("WRANGLER_REGISTRY_PATH", self.shared.join("registry"));
        Ok(wrangler)
    }

    fn listening<'c>(&self, wrangler: &'c mut Command) -> &'c mut Command {
        let port = self.address.port().to_string();
        wrangler.args(["--ip", "127.0.0.1", "--port", &port])
    }

    fn log(&self) -> Result<File, Failure> {
        Ok(File::options().create(true).append(true).open(&self.log)?)
    }
}
