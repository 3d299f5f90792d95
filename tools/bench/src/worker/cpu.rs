//! The processor time that the runtime has taken.

use std::fs;
use std::time::Duration;

use xtask::run::Failure;

/// The runtime's program.
const RUNTIME: &str = "workerd";

/// The unit of `/proc/<pid>/stat`: `USER_HZ` is 100 wherever Linux runs this.
const TICK: Duration = Duration::from_millis(10);

/// The time, in and out of the kernel, of every runtime in the process group `group`.
pub(crate) fn cpu_time(group: u32) -> Result<Duration, Failure> {
    let mut ticks = None;
    for process in fs::read_dir("/proc")? {
        // Not every folder is a process, and processes end.
        let Ok(stat) = fs::read_to_string(process?.path().join("stat")) else { continue };
        if let Some(more) = runtime_ticks(&stat, group) {
            ticks = Some(ticks.unwrap_or(0) + more);
        }
    }
    Ok(TICK * ticks.ok_or("no runtime runs in the group")?)
}

/// The ticks that `stat` counts, where it is of the runtime in `group`.
fn runtime_ticks(stat: &str, group: u32) -> Option<u32> {
    let (head, tail) = stat.rsplit_once(") ")?;
    // proc(5): the state, the parent, the group …; the 12th and the 13th are utime and stime.
    let fields = tail.split(' ').collect::<Vec<_>>();
    let number = |place: usize| fields.get(place)?.parse::<u32>().ok();
    let is_it = head.ends_with(&format!("({RUNTIME}")) && number(2)? == group;
    if is_it { Some(number(11)? + number(12)?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::runtime_ticks;

    const STAT: &str = "27264 (workerd) S 27127 27120 27120 0 -1 4194304 9 0 3 0 70 12 5 6 20 0 9";

    #[test]
    fn only_the_groups_runtime_counts() {
        assert_eq!(runtime_ticks(STAT, 27120), Some(82));
        assert_eq!(runtime_ticks(STAT, 1), None);
        assert_eq!(runtime_ticks(&STAT.replace("workerd", "node"), 27120), None);
    }
}
