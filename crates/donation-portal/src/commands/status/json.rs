//! The contract of `status --format json`.

use std::collections::BTreeMap;

use portal_domain::UnixSeconds;
use portal_service::status::{OpenAlert, StoreStatus};
use serde::Serialize;

use super::{DatabasePlace, Overall};

/// Times are Unix seconds; what is not known is null.
#[derive(Serialize)]
pub(super) struct StatusLine<'a> {
    now: UnixSeconds,
    /// True if the server is ready, no alert is open, no event is dead and each channel can be used.
    ok: bool,
    server: &'static str,
    /// The server's reason, if it is not ready.
    reason: Option<&'a str>,
    /// The error of the database, if it could not be read.
    database: Option<Box<str>>,
    /// The error of a channel's address, if one is wrong.
    channels_error: Option<Box<str>>,
    last_delivery_at: Option<UnixSeconds>,
    last_hour: Option<LastHourKeys>,
    dead: Option<u64>,
    awaiting_object: Option<u64>,
    open_alerts: Option<Vec<AlertKeys<'a>>>,
    jobs: Option<Vec<JobKeys<'a>>>,
    reads_left: Option<u64>,
    reads_budget: u64,
    disk_free_bytes: Option<u64>,
    database_bytes: Option<u64>,
    clock_ahead_seconds: Option<i64>,
    backup_at: Option<UnixSeconds>,
}

#[derive(Serialize)]
struct LastHourKeys {
    processed: u64,
    ignored: u64,
    awaiting_object: u64,
    dead: u64,
    reconciled: u64,
    counted_since: Option<UnixSeconds>,
}

#[derive(Serialize)]
struct AlertKeys<'a> {
    key: &'a str,
    kind: &'static str,
    severity: &'static str,
    since: UnixSeconds,
    channels: BTreeMap<&'a str, &'static str>,
}

#[derive(Serialize)]
struct JobKeys<'a> {
    name: &'a str,
    leased_at: UnixSeconds,
    due_at: UnixSeconds,
}

impl<'a> StatusLine<'a> {
    pub(super) fn of(overall: &'a Overall) -> Self {
        let store = overall.store.as_ref().ok();
        let by_stripe = store.and_then(|it| it.clock).map(|it| it.ahead_seconds);
        let (disk_free_bytes, database_bytes, clock_ahead_seconds) = match overall.place {
            DatabasePlace::File { free_bytes, size_bytes } => (free_bytes, size_bytes, by_stripe),
            DatabasePlace::Server { clock_ahead_seconds } => (None, None, clock_ahead_seconds),
        };
        Self {
            now: overall.now,
            ok: overall.is_well(),
            server: overall.server.name(),
            reason: overall.server.reason(),
            database: overall.store.as_ref().err().map(|it| it.finding().en),
            channels_error: overall.channels.as_ref().err().map(|it| it.finding().en),
            last_delivery_at: store.and_then(|it| it.last_delivery.at()),
            last_hour: store.map(LastHourKeys::of),
            dead: store.map(|it| it.backlog.dead),
            awaiting_object: store.map(|it| it.backlog.awaiting_object),
            open_alerts: store.map(|it| it.open_alerts.iter().map(AlertKeys::of).collect()),
            jobs: store.map(|it| it.jobs.iter().map(JobKeys::of).collect()),
            reads_left: store.map(|it| overall.read_budget.saturating_sub(it.reads_spent)),
            reads_budget: overall.read_budget,
            disk_free_bytes,
            database_bytes,
            clock_ahead_seconds,
            backup_at: store.and_then(|it| it.backup_at),
        }
    }
}

impl LastHourKeys {
    fn of(store: &StoreStatus) -> Self {
        let hour = store.last_hour;
        Self {
            processed: hour.processed,
            ignored: hour.ignored,
            awaiting_object: hour.awaiting_object,
            dead: hour.dead,
            reconciled: hour.reconciled,
            counted_since: hour.counted_since,
        }
    }
}

impl<'a> AlertKeys<'a> {
    fn of(open: &'a OpenAlert) -> Self {
        Self {
            key: &open.key,
            kind: open.alert.kind(),
            severity: open.alert.severity().name(),
            since: open.since,
            channels: open.channels.iter().map(|(name, state)| (&**name, state.name())).collect(),
        }
    }
}

impl<'a> JobKeys<'a> {
    fn of(job: &'a portal_domain::JobRow) -> Self {
        Self { name: &job.name, leased_at: job.leased_at, due_at: job.due_at }
    }
}
