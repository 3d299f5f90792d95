//! The metrics of what only a host sees: its queues, its disk and its process.

use std::fmt;
use std::time::Duration;

use portal_domain::UnixSeconds;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;

use super::encode::{counter, gauge};

/// The readings of a host at one time.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostReadings {
    pub waiting_deliveries: usize,
    pub waiting_deliveries_max: usize,
    pub connections: usize,
    pub connections_max: usize,
    pub log_lines_dropped: u64,
    /// The bytes of the database's files, where they are on this machine.
    pub store_bytes: Option<u64>,
    /// The bytes that are free beside them.
    pub disk_free_bytes: Option<u64>,
}

/// The readings of a process; nothing where the system does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessReadings {
    pub started_at: UnixSeconds,
    pub cpu: Duration,
    pub resident_bytes: Option<u64>,
    pub open_files: Option<u64>,
    pub open_files_max: Option<u64>,
}

/// Reads what it is made of.
pub(super) struct Readings<T>(Box<dyn Fn() -> T + Send + Sync>);

impl<T> Readings<T> {
    pub(super) fn new(read: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }
}

impl Collector for Readings<HostReadings> {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let read = (self.0)();
        let number = |it: usize| i64::try_from(it).ok();
        let (waiting, most) = (read.waiting_deliveries, read.waiting_deliveries_max);
        for (name, help, value) in [
            ("waiting_deliveries", "Deliveries that wait for a write", number(waiting)),
            ("waiting_deliveries_max", "Most that may wait", number(most)),
            ("connections", "Open connections of senders", number(read.connections)),
            ("connections_max", "Most that may be open", number(read.connections_max)),
            ("store_size_bytes", "Size of the database's files", signed(read.store_bytes)),
            ("disk_free_bytes", "Room beside the database", signed(read.disk_free_bytes)),
        ] {
            gauge(&mut to, name, help, value)?;
        }
        counter(&mut to, "log_lines_dropped", "Log lines that nobody read", read.log_lines_dropped)
    }
}

/// The names are those that every client gives them.
impl Collector for Readings<ProcessReadings> {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let read = (self.0)();
        let (cpu, help) = (ConstCounter::new(read.cpu.as_secs_f64()), "User and system time");
        cpu.encode(to.encode_descriptor("process_cpu_seconds", help, None, cpu.metric_type())?)?;
        for (name, help, value) in [
            ("process_start_time_seconds", "Start of the process", Some(read.started_at.get())),
            ("process_resident_memory_bytes", "Resident memory", signed(read.resident_bytes)),
            ("process_open_fds", "Open file descriptors", signed(read.open_files)),
            ("process_max_fds", "Most that may be open", signed(read.open_files_max)),
        ] {
            gauge(&mut to, name, help, value)?;
        }
        Ok(())
    }
}

fn signed(number: Option<u64>) -> Option<i64> {
    number.and_then(|it| i64::try_from(it).ok())
}

impl<T> fmt::Debug for Readings<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readings")
    }
}
