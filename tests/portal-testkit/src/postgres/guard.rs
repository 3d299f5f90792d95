//! Two small shells that stop the server and remove its folder when this process ends in any way.
//!
//! Tests keep a cluster in a static, whose destructor never runs, and test runners kill. So the signal
//! to clean up is the end of a pipe that this process holds: the system closes it in every case.

use std::io::{self, BufRead as _, BufReader, PipeWriter, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::postgres::failure::{Failure, could_not};
use crate::postgres::user::User;

/// The two shells. Dropping it stops the server and waits until the folder is gone.
pub(crate) struct Guard {
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    guard: Child,
    sweeper: Child,
}

impl Guard {
    /// Takes over the folder, which from then on is removed when this process ends.
    pub(crate) fn start(folder: TempDir, user: &User) -> Result<Self, Failure> {
        let (end, held) = io::pipe().map_err(could_not("make a pipe"))?;
        let sweeper = shell(include_str!("sweeper.sh"), folder.path())
            .stdin(end)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(could_not("start a shell"))?;
        let path = folder.keep();
        let mut guard =
            guarding(&path, user, held).map_err(could_not("start a shell for the server"))?;
        let (Some(orders), Some(answers)) = (guard.stdin.take(), guard.stdout.take()) else {
            return Err(could_not("talk to a shell")(io::ErrorKind::BrokenPipe.into()));
        };
        let answers = BufReader::new(answers);
        let mut started = Self { orders: Some(orders), answers, guard, sweeper };
        let doing =
            format!("enter {} as {}; may it enter all parents?", path.display(), user.name());
        started.answer().map_err(could_not(doing)).map(|_| started)
    }

    /// Runs a program to its end, with its output in the log. Returns true if it succeeded.
    pub(crate) fn run(&mut self, words: &[String]) -> Result<bool, Failure> {
        Ok(self.order("run", words)? == "0")
    }

    /// Starts the server and returns its process id.
    pub(crate) fn serve(&mut self, words: &[String]) -> Result<u32, Failure> {
        let answer = self.order("serve", words)?;
        answer.parse().map_err(|_| could_not("start the server")(io::ErrorKind::InvalidData.into()))
    }

    /// Waits for the ended server; otherwise it stays a zombie and seems to use its folder.
    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        self.order("wait", &[]).map(drop)
    }

    fn order(&mut self, order: &str, words: &[String]) -> Result<String, Failure> {
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let line = format!("{order} {}\n", words.join(" "));
        self.say(&line).and_then(|()| self.answer()).map_err(could_not("give the guard an order"))
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        if line.trim_end().contains('\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an argument has two lines"));
        }
        self.orders.as_mut().map_or(Ok(()), |orders| orders.write_all(line.as_bytes()))
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().into()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.orders.take());
        // Errors cannot be reported here, and both shells end by themselves.
        drop(self.guard.wait());
        drop(self.sweeper.wait());
    }
}

/// Starts the guard. The sweeper reads and ignores its errors. Only the guard may hold that pipe.
fn guarding(path: &Path, user: &User, held: PipeWriter) -> io::Result<Child> {
    let mut guard = shell(include_str!("guard.sh"), path);
    user.runs(&mut guard);
    guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(held).spawn()
}

/// Returns a shell in a process group of its own, which neither Ctrl-C nor a test runner's kill
/// reaches.
fn shell(script: &str, folder: &Path) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, "portal-postgres"]).arg(folder).process_group(0);
    // The locale makes messages English, and on macOS the server needs it to start.
    shell.env("LC_ALL", "C").current_dir("/");
    shell
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
