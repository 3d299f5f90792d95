//! A Worker in the local runtime, as processes of its own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::database::{Database, Reader};
use crate::delivery::SECRET;
use crate::http;
use crate::run::{Failure, run, wait_for};
use crate::server::free_address;
use crate::toolchain::wrangler;
use crate::worker::group::Group;

/// The database's binding in every `wrangler.toml` here.
const BINDING: &str = "DATABASE_URL";

/// How long the runtime may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How a Worker, or a Pages project before it, is started.
#[derive(Clone)]
pub(crate) struct Local {
    /// Where its `wrangler.toml` is.
    home: PathBuf,
    /// What to say to `wrangler`.
    words: Vec<String>,
    /// Where it listens, or will listen.
    pub(crate) address: SocketAddr,
    /// A path that is answered 200 as soon as it runs.
    ready: &'static str,
    state: PathBuf,
    log: PathBuf,
    /// Where those that run here find each other, and where `wrangler` puts what it has to say.
    shared: PathBuf,
}

impl Local {
    /// What `wrangler` with `words` runs in `home`; its state and log in `folder`, by `name`.
    pub(crate) fn new(
        home: &str,
        words: &[&str],
        ready: &'static str,
        folder: &Path,
        name: &str,
    ) -> Result<Self, Failure> {
        Ok(Self {
            home: home.into(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
            address: free_address()?,
            ready,
            state: folder.join(name),
            log: folder.join(format!("{name}.log")),
            shared: folder.join("wrangler"),
        })
    }

    /// The folder of all that it keeps.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// Where Stripe would post to.
    pub(crate) fn webhook_url(&self) -> String {
        format!("http://{}/api/webhooks/stripe", self.address)
    }

    /// Makes the schema.
    pub(crate) fn migrate(&self) -> Result<(), Failure> {
        let mut migrate = self.wrangler()?;
        migrate.args(["d1", "migrations", "apply", BINDING, "--local", "--persist-to"]);
        run(migrate.arg(&self.state).stdout(self.log()?))
    }

    /// Starts the Worker and waits until it is ready. Its log goes on where the last one ended.
    pub(crate) fn start(&self, variables: &[(&str, &str)]) -> Result<Group, Failure> {
        let mut start = self.wrangler()?;
        start.args(&self.words).args(["--ip", "127.0.0.1", "--port"]);
        start.arg(self.address.port().to_string()).arg("--persist-to").arg(&self.state);
        for (name, value) in variables {
            start.args(["--var", &format!("{name}:{value}")]);
        }
        self.start_by(&mut start)
    }

    /// Runs `start` until the Worker is ready.
    pub(crate) fn start_by(&self, start: &mut Command) -> Result<Group, Failure> {
        let mut group = Group::start(start.stdout(self.log()?).stderr(self.log()?))?;
        let ready = wait_for("the Worker to be ready", START_LIMIT, || {
            group.check_alive()?;
            let status = http::get(self.address, self.ready, |answer| answer.status);
            Ok((status.ok() == Some(200)).then_some(()))
        });
        ready.map_err(|failure| format!("{failure}; its log ends with\n{}", self.end_of_log()))?;
        Ok(group)
    }

    /// As [`Self::start`], as the receiver with its secret and a log to be read by programs.
    pub(crate) fn start_receiver(&self, variables: &[(&str, &str)]) -> Result<Group, Failure> {
        let own = [("STRIPE_WEBHOOK_SECRET", SECRET), ("LOG_FORMAT", "json")];
        self.start(&[&own[..], variables].concat())
    }

    /// The file that its D1 database is.
    pub(crate) fn database_file(&self) -> Result<PathBuf, Failure> {
        let mut files = files(&self.state.join("v3/d1"))?.into_iter();
        // The runtime has one file more, of its own.
        let is_database = |file: &PathBuf| {
            file.extension().is_some_and(|it| it == "sqlite")
                && file.file_stem().is_some_and(|it| it != "metadata")
        };
        Ok(files.find(is_database).ok_or("D1 left no database")?)
    }

    /// Its D1 database, read past the Worker.
    pub(crate) fn database(&self) -> Result<Reader, Failure> {
        Database::Sqlite(self.database_file()?).open()
    }

    /// Every file that it keeps, its log last.
    pub(crate) fn kept(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut kept = files(&self.state)?;
        kept.push(self.log.clone());
        Ok(kept)
    }

    /// What it has logged: the lines of JSON; `wrangler`'s own are none.
    pub(crate) fn lines(&self) -> Result<Vec<Value>, Failure> {
        let log = fs::read_to_string(&self.log)?;
        let objects = log.lines().filter(|line| line.starts_with('{'));
        Ok(objects.filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// What it and `wrangler` have said last.
    pub(crate) fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = log.lines().collect::<Vec<_>>();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// `wrangler`, kept from the developer's own settings, from the network and from questions.
    pub(crate) fn wrangler(&self) -> Result<Command, Failure> {
        fs::create_dir_all(&self.shared)?;
        let mut wrangler = wrangler(&self.home)?;
        wrangler
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("WRANGLER_LOG_PATH", self.shared.join("logs"))
            .env("WRANGLER_REGISTRY_PATH", self.shared.join("registry"));
        Ok(wrangler)
    }

    fn log(&self) -> Result<File, Failure> {
        Ok(File::options().create(true).append(true).open(&self.log)?)
    }
}

/// All files below `folder`, in no order; none where it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.append(&mut files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
