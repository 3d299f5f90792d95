//! Reads the state of processes and sends them signals, by files and programs only, because system
//! calls would need `unsafe`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::clock;
use crate::postgres::failure::{Failure, could_not};

/// The maximum time of a wait, because a crash recovery on a busy machine takes several seconds.
const LIMIT: Duration = Duration::from_secs(30);

/// The state of a process, as far as faults need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Alive,
    Stopped,
    /// The process has ended; it may still be a zombie.
    Gone,
}

/// Returns the state of a process.
pub(crate) fn state(id: u32) -> State {
    let text = if proc_exists() {
        fs::read_to_string(format!("/proc/{id}/stat")).ok()
    } else {
        ps(&["-p", &id.to_string()])
    };
    text.as_deref().and_then(Process::read).map_or(State::Gone, |process| process.state)
}

/// Returns the ids of the running children of a process.
pub(crate) fn children(parent: u32) -> Result<Vec<u32>, Failure> {
    let lines = if proc_exists() { stat_of_all()? } else { ps(&["-A"]).unwrap_or_default() };
    let all = lines.lines().filter_map(Process::read);
    let children = all.filter(|one| one.parent == parent && one.state != State::Gone);
    Ok(children.map(|child| child.id).collect())
}

/// Sends a signal to each process. One that has ended meanwhile is no error: the caller checks the
/// state afterwards.
pub(crate) fn signal(name: &str, ids: &[u32]) -> Result<(), Failure> {
    // This is the `kill` of the shell, because a small container has no other.
    Command::new("/bin/sh")
        .args(["-c", "kill -s \"$0\" \"$@\"", name])
        .args(ids.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status()
        .map(drop)
        .map_err(could_not(format!("send SIG{name}")))
}

/// Polls `look` until it returns a value; returns `None` after [`LIMIT`].
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    clock::wait_for("a process", LIMIT, || Ok(look())).ok()
}

struct Process {
    id: u32,
    parent: u32,
    state: State,
}

impl Process {
    /// Parses `42 (a name) S 1 …`: the form of `/proc/42/stat`, in which [`ps`] writes elsewhere.
    fn read(line: &str) -> Option<Self> {
        let (id, rest) = line.trim_start().split_once(" (")?;
        // The name may contain brackets and spaces.
        let (_, rest) = rest.rsplit_once(") ")?;
        let mut fields = rest.split_whitespace();
        let state = match fields.next()?.chars().next()? {
            'T' | 't' => State::Stopped,
            'Z' | 'X' => State::Gone,
            _ => State::Alive,
        };
        Some(Self { id: id.parse().ok()?, parent: fields.next()?.parse().ok()?, state })
    }
}

fn proc_exists() -> bool {
    Path::new("/proc/self/stat").exists()
}

fn stat_of_all() -> Result<String, Failure> {
    let entries = fs::read_dir("/proc").map_err(could_not("list /proc"))?;
    let processes = entries.flatten().filter(|entry| {
        entry.file_name().to_string_lossy().starts_with(|first: char| first.is_ascii_digit())
    });
    Ok(processes.filter_map(|one| fs::read_to_string(one.path().join("stat")).ok()).collect())
}

/// Returns the output of `ps` in the form of `/proc`, for systems without it.
fn ps(whom: &[&str]) -> Option<String> {
    let fields = ["-o", "pid=", "-o", "stat=", "-o", "ppid="];
    let output = Command::new("ps").args(whom).args(fields).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let lines = text.lines().filter_map(|line| line.trim_start().split_once(' '));
    Some(lines.map(|(id, rest)| format!("{id} () {}\n", rest.trim_start())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_hide_the_parent() {
        let read = Process::read("42 (a) (b) T 7 42 42 0").unwrap();
        assert_eq!((read.id, read.parent, read.state), (42, 7, State::Stopped));
    }

    #[test]
    fn a_process_is_stopped_then_gone() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let id = child.id();
        assert!(children(std::process::id()).unwrap().contains(&id));
        signal("STOP", &[id]).unwrap();
        assert!(wait_for(|| (state(id) == State::Stopped).then_some(())).is_some());
        signal("KILL", &[id]).unwrap();
        assert!(wait_for(|| (state(id) == State::Gone).then_some(())).is_some());
        child.wait().unwrap();
    }
}
