//! The server on PostgreSQL, alone and as two replicas, beside a straightforward service.
//!
//! All databases lie on one cluster, and all programs on one machine: what counts is how much of it
//! each of them needs for an event.

use std::path::Path;

use portal_harness::database::Database;
use portal_harness::server::{self, Setup};
use portal_testkit::postgres::{Cluster, Durability};
use xtask::run::Failure;

use crate::beside::Beside;
use crate::grown::{self, Inboxes};
use crate::open_loop::{self, Pace};
use crate::side_by_side::{self, Contender, Plan};
use crate::straightforward::CONNECTIONS;
use crate::{Arguments, Bench};

/// The settings of a sensible small server that is PostgreSQL's alone, besides the defaults.
const SETTINGS: [(&str, &str); 6] = [
    ("shared_buffers", "256MB"),
    ("max_wal_size", "2GB"),
    ("checkpoint_timeout", "15min"),
    ("effective_cache_size", "1GB"),
    ("random_page_cost", "1.1"),
    ("max_connections", "100"),
];

/// By how much the server is to be faster than the straightforward service.
const AIM: f64 = 4.0;

/// The aim for p99.
const AIM_MS: f64 = 25.0;

/// The parts that every measurement needs.
struct Ground<'a> {
    cluster: Cluster,
    program: &'a Path,
    folder: &'a Path,
}

/// Measures everything.
pub(crate) fn run(
    bench: &mut Bench,
    arguments: &Arguments,
    program: &Path,
    folder: &Path,
) -> Result<(), Failure> {
    // Whoever flushes the log sleeps before, whatever the others do.
    let commit_delay = (arguments.sync_ms * 1000).to_string();
    let settings = [&SETTINGS[..], &[("commit_delay", &*commit_delay), ("commit_siblings", "0")]];
    let settings = settings.concat();
    let cluster = Cluster::start_in(folder, Durability::Real, &settings)?;
    let settings = settings.iter().map(|(name, value)| format!("{name}={value}"));
    let settings = settings.collect::<Vec<_>>().join(" ");
    println!("PostgreSQL {} with {settings}", cluster.binaries().version());
    let ground = Ground { cluster, program, folder };
    let plan = Plan::new(arguments);
    let ours = ground.new_database()?;
    let replicas = [ground.server(&ours, "first")?, ground.server(&ours, "second")?];
    let theirs = ground.new_database()?;
    // The same schema, made by the same migrations.
    ground.server(&theirs, "theirs")?.migrate()?;
    for count in 1..=replicas.len() {
        let replicas = replicas.get(..count).unwrap_or_default();
        intake(bench, arguments, &plan, replicas, &theirs)?;
    }
    let Some(events) = arguments.grown else { return Ok(()) };
    let grown = ground.server(&ground.new_database()?, "grown")?;
    let fresh = ground.server(&ground.new_database()?, "fresh")?;
    let pace = Pace { rate: arguments.rate(), seconds: arguments.seconds(), aim_ms: AIM_MS };
    grown::run(bench, &plan, &Inboxes { grown, fresh }, events, pace)
}

/// Rates of `replicas` beside the other service's, and their latencies.
fn intake(
    bench: &mut Bench,
    arguments: &Arguments,
    plan: &Plan,
    replicas: &[Setup],
    theirs: &Database,
) -> Result<(), Failure> {
    let servers = replicas.iter().map(Setup::start).collect::<Result<Vec<_>, _>>()?;
    let addresses = replicas.iter().map(|setup| setup.address).collect::<Vec<_>>();
    let name = if servers.len() == 1 { "server" } else { "two servers" };
    let other = Beside::start("straightforward", Some(&theirs.url()))?;
    println!("\nthe straightforward service has {CONNECTIONS} connections, as each server of ours");
    let contest = [
        Contender { name, addresses: &addresses },
        Contender { name: "straightforward", addresses: &[other.address] },
    ];
    side_by_side::run(bench, plan, contest, Some(AIM))?;
    let pace = Pace { rate: arguments.rate(), seconds: arguments.seconds(), aim_ms: AIM_MS };
    open_loop::run(bench, &addresses, pace, name)?;
    open_loop::run(bench, &[other.address], pace, "straightforward")?;
    servers.into_iter().try_for_each(server::stop)
}

impl Ground<'_> {
    fn new_database(&self) -> Result<Database, Failure> {
        Ok(Database::Postgres(self.cluster.url(&self.cluster.new_database()?)))
    }

    fn server(&self, database: &Database, name: &str) -> Result<Setup, Failure> {
        Setup::on(database.clone(), self.program, self.folder, name)
    }
}
