//! The metrics of the server: what its store, its intake and its process are like.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::{Clock, Store, UnixSeconds};
use portal_service::Troubles;
use portal_service::metrics::{GaugesJob, HostReadings, Metrics, ProcessReadings};
use portal_service::settings::ServiceConfig;
use rustix::param::page_size;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::database::free_bytes;
use crate::serve::background::GAUGES_EVERY;
use crate::serve::connections::{CONNECTIONS_MAX, Connections};
use crate::serve::group_commit::{QueueSender, WAITING_MAX};
use crate::serve::log_sink::LogSink;

/// The parts of the server that are measured.
pub(crate) struct Measured {
    pub(crate) inbox: QueueSender,
    pub(crate) connections: Arc<Connections>,
    pub(crate) log: LogSink,
}

/// Returns the metrics, and the job that reads those of the store.
pub(crate) fn metrics(
    config: &ServiceConfig,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    troubles: &Arc<Troubles>,
    measured: Measured,
) -> (Arc<Metrics>, Arc<GaugesJob>) {
    let gauges = GaugesJob::new(config, Arc::clone(store), Arc::clone(clock), GAUGES_EVERY);
    let gauges = Arc::new(gauges);
    let file = config.context.database.clone();
    let home = if file.is_some() { "sqlite" } else { "postgres" };
    let (Measured { inbox, connections, log }, started_at) = (measured, clock.now());
    let host = move || HostReadings {
        waiting_deliveries: inbox.waiting(),
        waiting_deliveries_max: WAITING_MAX,
        connections: connections.open(),
        connections_max: CONNECTIONS_MAX,
        log_lines_dropped: log.lost(),
        store_bytes: file.as_deref().map(|it| bytes_of(Path::new(it))),
        disk_free_bytes: file.as_deref().and_then(|it| free_bytes(Path::new(it)).ok()),
    };
    let metrics = Metrics::of_store(env!("CARGO_PKG_VERSION"), home, Arc::clone(&gauges));
    let metrics = metrics.with_process(troubles, host, move || process(started_at));
    (Arc::new(metrics), gauges)
}

fn bytes_of(database: &Path) -> u64 {
    let files = portal_sqlite::files_of(database);
    files.filter_map(|it| fs::metadata(it).ok()).map(|it| it.len()).sum()
}

/// Reads what Linux says of this process; elsewhere there are its times only.
fn process(started_at: UnixSeconds) -> ProcessReadings {
    let cpu = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime));
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|it| it.split(' ').nth(1)?.parse::<u64>().ok());
    ProcessReadings {
        started_at,
        cpu: cpu.unwrap_or_default(),
        resident_bytes: pages.map(|it| it.saturating_mul(page_size() as u64)),
        open_files: fs::read_dir("/proc/self/fd").ok().map(|it| it.count() as u64),
        open_files_max: getrlimit(Resource::Nofile).current,
    }
}
