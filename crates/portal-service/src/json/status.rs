//! The state of the service.

use std::collections::BTreeMap;

use portal_domain::{JobRow, UnixSeconds};
use serde::Serialize;

use crate::status::{OpenAlert, StoreStatus};

/// The contract of the API's `overview`: what `status --format json` has of the store.
#[derive(Serialize)]
pub struct OverviewLine<'a> {
    now: UnixSeconds,
    /// True if no alert is open and no event is dead.
    ok: bool,
    #[serde(flatten)]
    store: StoreKeys<'a>,
}

/// The keys of `status --format json` about the store. Times are Unix seconds; what is not known is null.
#[derive(Serialize)]
pub struct StoreKeys<'a> {
    last_delivery_at: Option<UnixSeconds>,
    last_hour: Option<LastHourKeys>,
    dead: Option<u64>,
    awaiting_object: Option<u64>,
    open_alerts: Option<Vec<AlertKeys<'a>>>,
    jobs: Option<Vec<JobKeys<'a>>>,
    reads_left: Option<u64>,
    reads_budget: Option<u64>,
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

impl<'a> OverviewLine<'a> {
    #[must_use]
    pub fn of(status: &'a StoreStatus, read_budget: Option<u64>, now: UnixSeconds) -> Self {
        Self { now, ok: status.has_nothing_open(), store: StoreKeys::of(Some(status), read_budget) }
    }
}

impl<'a> StoreKeys<'a> {
    /// Returns the keys of what could be read of the store.
    #[must_use]
    pub fn of(store: Option<&'a StoreStatus>, read_budget: Option<u64>) -> Self {
        let reads_left = |it: &StoreStatus| Some(read_budget?.saturating_sub(it.reads_spent));
        Self {
            last_delivery_at: store.and_then(|it| it.last_delivery.at()),
            last_hour: store.map(LastHourKeys::of),
            dead: store.map(|it| it.backlog.dead),
            awaiting_object: store.map(|it| it.backlog.awaiting_object),
            open_alerts: store.map(|it| it.open_alerts.iter().map(AlertKeys::of).collect()),
            jobs: store.map(|it| it.jobs.iter().map(JobKeys::of).collect()),
            reads_left: store.and_then(reads_left),
            reads_budget: read_budget,
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
    fn of(job: &'a JobRow) -> Self {
        Self { name: &job.name, leased_at: job.leased_at, due_at: job.due_at }
    }
}
