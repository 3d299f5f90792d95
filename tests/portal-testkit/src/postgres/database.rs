//! Databases of a cluster, with queries by `psql`.

use std::io::{Seek as _, Write as _};
use std::process::{Command, Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::postgres::cluster::Cluster;
use crate::postgres::failure::{Failure, could_not};

/// The variables that would change the connection of `psql`.
const NOT_INHERITED: [&str; 4] = ["PGOPTIONS", "PGSERVICE", "PGSSLMODE", "PGCLIENTENCODING"];

impl Cluster {
    /// Creates an empty database and returns its name. It is removed with its cluster.
    ///
    /// # Errors
    /// The error of `psql`.
    pub fn new_database(&self) -> Result<String, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("portal_{}_{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("create database {name}"))?;
        Ok(name)
    }

    /// Runs SQL as the superuser and returns a line for each row, with `|` between columns. Each
    /// statement is a transaction of its own; the first that fails ends the run.
    ///
    /// # Errors
    /// The error of `psql`.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, Failure> {
        // The input is a file instead of a pipe, so that writing it cannot block.
        let mut input = tempfile::tempfile().map_err(could_not("make a temporary file"))?;
        input
            .write_all(sql.as_bytes())
            .and_then(|()| input.rewind())
            .map_err(could_not("write to a temporary file"))?;
        let mut psql = Command::new(self.binaries.program("psql"));
        psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database)]);
        psql.env("PGCONNECT_TIMEOUT", "10").stdin(Stdio::from(input));
        for name in NOT_INHERITED {
            psql.env_remove(name);
        }
        let output = psql
            .output()
            .map_err(could_not("run `psql`; install the package `postgresql-client`"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().into());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Failure::Program { program: "psql".into(), said })
    }
}
