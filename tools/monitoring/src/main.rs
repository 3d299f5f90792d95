//! `monitoring`: Debian's Prometheus collects the metrics of the running server, and answers every query
//! of the rules and of the dashboard.

mod names;
mod prometheus;
mod queries;

use std::fs;
use std::process::ExitCode;

use clap::Parser;
use portal_harness::server::{self, Build, Setup, free_address};
use xtask::debian::install_programs;
use xtask::run::{Failure, command, run};
use xtask::steps::Steps;

use self::prometheus::{Prometheus, check_metrics};

const RULES: &str = "deploy/prometheus/rules.yaml";

const DASHBOARD: &str = "deploy/grafana/donation-portal.json";

/// Let Prometheus collect the metrics of the server, and answer every query of the rules and the
/// dashboard.
#[derive(Parser)]
#[command(name = "cargo xtask monitoring", bin_name = "cargo xtask monitoring")]
struct Arguments {
    #[command(flatten)]
    build: Build,
}

fn main() -> ExitCode {
    let Arguments { build } = Arguments::parse();
    xtask::at_root(|| {
        let mut steps = Steps::default();
        steps.take("install Prometheus", || install_programs(&[("promtool", "prometheus")]));
        steps.take("rules", rules);
        steps.take("names", names::check);
        steps.take("rules in the runbooks", names::explained);
        steps.take("queries, over the running server", || over_the_server(&build));
        steps.finish()
    })
}

fn rules() -> Result<(), Failure> {
    run(&mut command("promtool", &["check", "rules", "--lint-fatal", RULES]))?;
    let config = ["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yaml"];
    run(&mut command("promtool", &config))?;
    run(&mut command("promtool", &["test", "rules", "deploy/prometheus/tests.yaml"]))
}

fn over_the_server(build: &Build) -> Result<(), Failure> {
    let (folder, console) = (tempfile::tempdir()?, free_address()?);
    let setup = Setup::new(&build.program()?, folder.path(), "portal")?.with_console(console);
    let server = setup.start()?;
    let url = setup.webhook_url();
    run(&mut setup.command(&["send", "--url", &url, "--donations", "20"]))?;
    check_metrics(console, folder.path())?;
    let prometheus = Prometheus::start(folder.path(), console, &fs::canonicalize(RULES)?)?;
    let outcome = queries::all()?.iter().try_for_each(|it| prometheus.answers(it));
    outcome.and_then(|()| server::stop(server))
}
