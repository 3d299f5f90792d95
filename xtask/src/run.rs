//! Running other programs.

use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The reason for which a task ended early, as the tail of a sentence.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The interval at which a condition that is waited for is checked.
const POLL: Duration = Duration::from_millis(20);

/// A command: `program` with `arguments`.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// `cargo` with `arguments`.
pub fn cargo(arguments: &[&str]) -> Command {
    // Not the CARGO variable: it names one toolchain's cargo, which does not know `+nightly`.
    command("cargo", arguments)
}

/// The folder that cargo builds into.
pub fn target_folder() -> Result<PathBuf, Failure> {
    // This program is `<target folder>/<profile>/<name>`.
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent);
    Ok(target.ok_or("this program lies outside a target folder")?.to_owned())
}

/// Runs `command` to its end; its output goes where ours goes.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    check(command, status)
}

/// Runs `command` to its end and returns what it printed.
pub fn read(command: &mut Command) -> Result<String, Failure> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    check(command, output.status)?;
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns true if `command` runs and succeeds; prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The profile of programs that `cargo install` builds here: they run for seconds, and cargo-deny's own
/// profile takes three minutes of two cores.
const BUILT_QUICKLY: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
];

/// Installs `package` where `probe` shows that it is missing.
pub fn install(package: &str, probe: &mut Command) -> Result<(), Failure> {
    if succeeds(probe) {
        return Ok(());
    }
    println!("{package} is missing; installing it");
    let build = |how: &[&str]| run(cargo(&["install", package]).args(how).envs(BUILT_QUICKLY));
    if build(&["--locked"]).is_ok() {
        return Ok(());
    }
    // Its lock file may name a version that this machine's registry does not have.
    build(&[])
}

/// Asks again and again until `attempt` has an answer.
pub fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut attempt: impl FnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    loop {
        if let Some(answer) = attempt()? {
            return Ok(answer);
        }
        if started.elapsed() > limit {
            return Err(format!("waited {} s in vain for {what}", limit.as_secs()).into());
        }
        std::thread::sleep(POLL);
    }
}

fn check(command: &Command, status: ExitStatus) -> Result<(), Failure> {
    if status.success() { Ok(()) } else { Err(format!("`{}`: {status}", line(command)).into()) }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    format!("cannot start `{}`: {error}", line(command)).into()
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A program that runs beside this one, and is killed when this value goes.
pub struct Background {
    name: String,
    child: Child,
}

impl Background {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> Result<Self, Failure> {
        let child =
            command.stdin(Stdio::null()).spawn().map_err(|error| cannot_start(command, &error))?;
        Ok(Self { name: line(command), child })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails where it has ended by itself.
    pub fn check_alive(&mut self) -> Result<(), Failure> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("`{}` ended by itself: {status}", self.name).into()),
        }
    }

    /// Waits until it ends by itself, with success.
    pub fn finish(&mut self, limit: Duration) -> Result<(), Failure> {
        let what = format!("`{}` to end", self.name);
        let status = wait_for(&what, limit, || Ok(self.child.try_wait()?))?;
        let succeeded = status.success();
        if succeeded { Ok(()) } else { Err(format!("`{}`: {status}", self.name).into()) }
    }

    /// Waits until it ends by itself, with success, however long that takes.
    pub fn wait(&mut self) -> Result<(), Failure> {
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("`{}`: {status}", self.name).into()) }
    }

    /// Asks it to end (SIGTERM), and waits until it has, with success.
    pub fn terminate(mut self, limit: Duration) -> Result<(), Failure> {
        run(&mut command("kill", &["-TERM", &self.id().to_string()]))?;
        self.finish(limit)
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        // Fails only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.kill();
    }
}
