//! The contract of `status --format json`.

use portal_domain::UnixSeconds;
use portal_service::json::StoreKeys;
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
    #[serde(flatten)]
    store: StoreKeys<'a>,
    disk_free_bytes: Option<u64>,
    database_bytes: Option<u64>,
    clock_ahead_seconds: Option<i64>,
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
            store: StoreKeys::of(store, Some(overall.read_budget)),
            disk_free_bytes,
            database_bytes,
            clock_ahead_seconds,
        }
    }
}
