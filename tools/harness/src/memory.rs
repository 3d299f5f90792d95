//! The resident memory of a process, as Linux tells it, in KiB.

use std::fs;

use xtask::run::{Background, Failure};

/// Returns what `process` holds.
pub fn now(process: &Background) -> Result<u64, Failure> {
    read(process, "VmRSS:")
}

/// Returns the most that `process` has ever held.
pub fn peak(process: &Background) -> Result<u64, Failure> {
    read(process, "VmHWM:")
}

fn read(process: &Background, name: &str) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such size")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
