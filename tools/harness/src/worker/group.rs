//! A program with all that it starts.

use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use xtask::run::{Background, Failure, command, succeeds, wait_for};

/// The time that it may take to end after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A process group, which is killed when this value goes: `wrangler` would leave its runtime behind.
pub struct Group(Background);

impl Group {
    /// Starts `command` as the first of a group.
    pub fn start(command: &mut Command) -> Result<Self, Failure> {
        Background::start(command.process_group(0)).map(Self)
    }

    /// The process id of the first.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Fails where the first has ended by itself.
    pub fn check_alive(&mut self) -> Result<(), Failure> {
        self.0.check_alive()
    }

    /// Asks all to end (SIGTERM), and waits until the first has.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.signal("-TERM");
        wait_for("the group to end", STOP_LIMIT, || Ok(self.0.check_alive().err().map(drop)))
    }

    /// Ends all at once (SIGKILL).
    pub fn kill(&mut self) {
        self.signal("-KILL");
        self.0.kill();
    }

    fn signal(&self, signal: &str) {
        // Fails only where all have ended already.
        succeeds(&mut command("kill", &[signal, "--", &format!("-{}", self.id())]));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
