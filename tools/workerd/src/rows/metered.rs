//! The Worker with a meter at its database: what D1 says that each batch has read and written.

use std::fs;
use std::ops::{Add, AddAssign};
use std::path::Path;

use portal_harness::http;
use portal_harness::worker::Group;
use portal_harness::worker::Local;
use portal_harness::worker::start_bare_with;
use serde_json::Value;
use xtask::run::Failure;
use xtask::toolchain::CLOUDFLARE;
use xtask::worker::WORKER;

/// The cost of a step on D1.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) batches: u64,
    pub(super) rows_read: u64,
    pub(super) rows_written: u64,
}

/// A Worker that runs.
pub(super) struct Metered {
    receiver: Local,
    running: Group,
}

impl Metered {
    /// Starts `receiver` with more `variables`; what it takes besides comes into `folder`.
    pub(super) fn start(
        receiver: &Local,
        folder: &Path,
        variables: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let program = folder.join("metered");
        fs::create_dir_all(&program)?;
        let build = Path::new(WORKER).join("build");
        fs::copy(build.join("index.js"), program.join("worker.mjs"))?;
        fs::copy(build.join("index_bg.wasm"), program.join("index_bg.wasm"))?;
        let entry = program.join("metered.mjs");
        fs::copy(CLOUDFLARE.path("metered.mjs"), &entry)?;
        let receiver = receiver.clone().with_program(entry);
        let running = start_bare_with(&receiver, variables)?;
        Ok(Self { receiver, running })
    }

    /// Returns the cost of `request`, which is answered with that `status`.
    pub(super) fn cost_of(&self, request: &[u8], status: u16) -> Result<Cost, Failure> {
        self.ask("/meter")?;
        let answered = http::exchange(self.receiver.address, request)?.status;
        if answered != status {
            return Err(format!("answered {answered}, not {status}").into());
        }
        cost(&self.ask("/meter")?)
    }

    /// Returns the cost of each minute from then on.
    pub(super) fn minutes(&self, from: i64, minutes: u32) -> Result<Vec<Cost>, Failure> {
        let struck = self.ask(&format!("/strikes?from={from}&minutes={minutes}"))?;
        struck.as_array().ok_or("no list of minutes")?.iter().map(cost).collect()
    }

    /// Returns the cost of statements, which `; ` separates, in one batch.
    pub(super) fn cost_of_sql(&self, statements: &str) -> Result<Cost, Failure> {
        let answer = http::ask(self.receiver.address, "POST /query", "", statements)?;
        cost(&answer.json()?)
    }

    pub(super) fn stop(self) -> Result<(), Failure> {
        self.running.stop()
    }

    fn ask(&self, path: &str) -> Result<Value, Failure> {
        http::get(self.receiver.address, path)?.json()
    }
}

fn cost(value: &Value) -> Result<Cost, Failure> {
    let number = |name: &str| value[name].as_u64().ok_or_else(|| format!("no {name} in {value}"));
    Ok(Cost {
        batches: number("batches")?,
        rows_read: number("rows_read")?,
        rows_written: number("rows_written")?,
    })
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            batches: self.batches + other.batches,
            rows_read: self.rows_read + other.rows_read,
            rows_written: self.rows_written + other.rows_written,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::add)
    }
}
