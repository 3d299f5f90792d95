//! The receiver in the local runtime, for one scenario.

use std::fs;
use std::path::Path;
use std::time::Duration;

use xtask::run::{Failure, wait_for};
use xtask::worker::WORKER;

use crate::delivery::SECRET;
use crate::http;
use crate::worker::group::Group;
use crate::worker::local::Local;

/// Its log is to be read by programs.
const VARIABLES: [(&str, &str); 2] = [("STRIPE_WEBHOOK_SECRET", SECRET), ("LOG_FORMAT", "json")];

/// The time that a log line or a notification may take.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The database binding of the Worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A D1 database, as it must be.
    ToD1,
    /// None.
    ToNothing,
}

/// Runs `scenario` with a receiver that has not been started yet, and the folder that all of it is
/// in; shows its log where that fails.
pub fn with_receiver(
    bound: Bound,
    scenario: impl FnOnce(&Local, &Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let receiver = receiver(bound, folder.path())?;
    let outcome = scenario(&receiver, folder.path());
    if outcome.is_err() {
        println!("-- the Worker's log ends with\n{}", receiver.end_of_log());
    }
    outcome
}

/// A receiver whose schema is made, with all that it keeps in `folder`.
pub fn receiver(bound: Bound, folder: &Path) -> Result<Local, Failure> {
    let receiver = Local::new(WORKER, "/health", folder, "worker")?;
    match bound {
        Bound::ToD1 => {
            receiver.migrate()?;
            Ok(receiver)
        }
        Bound::ToNothing => {
            let config = folder.join("wrangler.toml");
            let shipped = fs::read_to_string(Path::new(WORKER).join("wrangler.toml"))?;
            fs::write(&config, without_databases(&shipped))?;
            Ok(receiver.with_config(config))
        }
    }
}

/// Starts `receiver` as `wrangler dev` does, with more `variables`.
pub fn start(receiver: &Local, variables: &[(&str, &str)]) -> Result<Group, Failure> {
    receiver.dev(&[&VARIABLES[..], variables].concat())
}

/// Starts `receiver` on the runtime alone.
pub fn start_bare(receiver: &Local) -> Result<Group, Failure> {
    receiver.bare(&VARIABLES)
}

/// The same with more `variables`.
pub fn start_bare_with(receiver: &Local, variables: &[(&str, &str)]) -> Result<Group, Failure> {
    receiver.bare(&[&VARIABLES[..], variables].concat())
}

/// Delivers a whole prepared `request`; fails where the answer is not a 200.
pub fn deliver(receiver: &Local, request: &[u8]) -> Result<(), Failure> {
    match http::exchange(receiver.address, request)?.status {
        200 => Ok(()),
        status => Err(format!("a delivery was answered {status}").into()),
    }
}

/// Waits until the last delivery of the event `id` is logged as `outcome`.
pub fn expect_outcome(receiver: &Local, id: &str, outcome: &str) -> Result<(), Failure> {
    wait_for(&format!("{id} to be logged as {outcome}"), ANSWER_WITHIN, || {
        let lines = receiver.lines()?;
        let of_event = |line: &&serde_json::Value| {
            line.get("event_id").is_some_and(|it| it == id) && line.get("status").is_some()
        };
        let last = lines.iter().rev().find(of_event).and_then(|line| line.get("outcome"));
        Ok(last.is_some_and(|it| it == outcome).then_some(()))
    })
}

/// `config` without its D1 databases.
fn without_databases(config: &str) -> String {
    let mut inside = false;
    let kept = config.lines().filter(|line| {
        if line.starts_with('[') {
            inside = *line == "[[d1_databases]]";
        }
        !inside
    });
    kept.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::without_databases;

    #[test]
    fn only_the_databases_are_left_out() {
        let config =
            "name = \"a\"\n\n[[d1_databases]]\nbinding = \"B\"\n\n[triggers]\ncrons = []\n";
        assert_eq!(without_databases(config), "name = \"a\"\n\n[triggers]\ncrons = []\n");
    }
}
