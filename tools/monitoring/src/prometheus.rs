//! Prometheus, as a process of its own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use portal_harness::http;
use portal_harness::server::free_address;
use xtask::run::{Background, Failure, command, read, run, wait_for};

/// The time until it has collected for the first time.
const FIRST_WITHIN: Duration = Duration::from_secs(30);

/// Prometheus, which collects the metrics of one server.
pub(crate) struct Prometheus {
    url: String,
    _process: Background,
}

/// Lets `promtool` judge the metrics of the server whose console is at that address.
pub(crate) fn check_metrics(console: SocketAddr, folder: &Path) -> Result<(), Failure> {
    let answer = http::get(console, "/metrics")?;
    if answer.status != 200 {
        return Err(format!("/metrics is answered with {}", answer.status).into());
    }
    let text = folder.join("metrics.txt");
    fs::write(&text, &answer.body)?;
    run(command("promtool", &["check", "metrics"]).stdin(Stdio::from(File::open(text)?)))
}

impl Prometheus {
    /// Starts it in `folder` with these rules, and waits until it has collected.
    pub(crate) fn start(folder: &Path, console: SocketAddr, rules: &Path) -> Result<Self, Failure> {
        let (address, config) = (free_address()?, folder.join("prometheus.yaml"));
        let rules = rules.display();
        fs::write(
            &config,
            format!(
                "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
                 rule_files: ['{rules}']\n\
                 scrape_configs:\n\
                 - {{ job_name: donation-portal, static_configs: [{{ targets: ['{console}'] }}] }}\n"
            ),
        )?;
        let mut start = command("prometheus", &["--log.level=warn"]);
        start.arg(format!("--config.file={}", config.display()));
        start.arg(format!("--storage.tsdb.path={}", folder.join("series").display()));
        start.arg(format!("--web.listen-address={address}"));
        let mut process = Background::start(start.stdout(Stdio::null()))?;
        let url = format!("http://{address}");
        wait_for("the first collection", FIRST_WITHIN, || {
            process.check_alive()?;
            let query = ["query", "instant", &url, "donation_portal_store_up == 1"];
            // It says on the error output that nobody answers yet.
            let found = command("promtool", &query).output()?.stdout;
            Ok((!found.trim_ascii().is_empty()).then_some(()))
        })?;
        Ok(Self { url, _process: process })
    }

    /// Fails where Prometheus has no answer to a query; nothing is one.
    pub(crate) fn answers(&self, query: &str) -> Result<(), Failure> {
        let found = read(&mut command("promtool", &["query", "instant", &self.url, query]));
        found.map(drop).map_err(|failure| format!("{query}: {failure}").into())
    }
}
