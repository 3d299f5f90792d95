//! Records events with their changes.

use std::collections::HashSet;
use std::sync::Arc;

use portal_domain::{
    AccountPath, AlertChange, Entry, EnumWord, EventId, ObjectId, Recorded, StoreError, UnixSeconds,
};
use tokio_postgres::Row;

use crate::alerts;
use crate::connection::OpenConnection;
use crate::ledger::changes::Changes;
use crate::rows::read;
use crate::value::{Column, columns};

/// Records events with their changes. If all are new and none raises an alert, this is one round
/// trip.
pub(super) async fn record_entries(
    open: &OpenConnection,
    entries: &[Arc<Entry>],
    now: UnixSeconds,
) -> Result<Vec<Recorded>, StoreError> {
    // Of an id that occurs twice in the batch the first is new.
    let mut ids = HashSet::with_capacity(entries.len());
    let mut left: Vec<&Entry> =
        entries.iter().map(|it| &**it).filter(|it| ids.insert(it.event().id.as_str())).collect();
    while !left.is_empty() {
        let there = record_new(open, &left, now, "commit").await?;
        if there.is_empty() {
            break;
        }
        left.retain(|it| !there.contains(it.event().id.as_str()));
    }
    let mut new: HashSet<_> = left.iter().map(|it| it.event().id.as_str()).collect();
    let recorded = |entry: &Arc<Entry>| {
        if new.remove(entry.event().id.as_str()) {
            Recorded::New(entry.event().state)
        } else {
            Recorded::Duplicate
        }
    };
    Ok(entries.iter().map(recorded).collect())
}

/// Records an event and rolls it back; then writes the heartbeat and returns the server's time.
pub(super) async fn probe(
    open: &OpenConnection,
    now: UnixSeconds,
) -> Result<Option<UnixSeconds>, StoreError> {
    let probe = Entry::probe(now).ok_or(StoreError::Corrupt)?;
    record_new(open, &[&probe], now, "rollback").await?;
    let heartbeat = "\
        insert into heartbeat (only_row, at) values (true, $1) \
        on conflict (only_row) do update set at = excluded.at \
        returning extract(epoch from clock_timestamp())::bigint";
    let beat =
        open.in_transaction(open.one(heartbeat, &[&now.get()], |row| row.integer(0))).await?;
    Ok(beat.and_then(UnixSeconds::new))
}

/// Records events and their changes if none of them is recorded yet; see `record_events` in the
/// schema. Returns those that are, and the setting on which durability depends.
const RECORD: &str = "select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, \
    $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43), current_setting('synchronous_commit')";

/// Writes all of `entries` in one transaction if none of them is recorded yet, else nothing. Returns
/// the ids of those that are recorded already.
async fn record_new(
    open: &OpenConnection,
    entries: &[&Entry],
    now: UnixSeconds,
    end: &'static str,
) -> Result<HashSet<String>, StoreError> {
    let changes = Changes::of(entries.iter().flat_map(|it| it.changes()));
    let mut raised: Vec<_> =
        entries.iter().filter_map(|it| it.alert()).map(AlertChange::Raise).collect();
    let in_one_trip = raised.is_empty() && changes.raise_nothing();
    let events = columns_of(entries);
    let none = Changes::default();
    let ledger = if in_one_trip { changes.columns() } else { none.columns() };
    let values: Vec<_> = events.iter().chain(&ledger).map(|it| &**it).collect();
    let recording = open.query(RECORD, &values);
    if in_one_trip {
        let ((), rows, ()) = tokio::try_join!(biased; open.begin(), recording, open.run(end))?;
        return there(&rows);
    }
    let ((), rows) = tokio::try_join!(biased; open.begin(), recording)?;
    let there = there(&rows)?;
    if !there.is_empty() {
        open.run("rollback").await?;
        return Ok(there);
    }
    drop(ledger);
    raised.extend(changes.write(open).await?);
    alerts::write(open, &raised, now).await?;
    open.run(end).await?;
    Ok(there)
}

/// Returns events as columns, in the order of the first arguments of [`RECORD`].
fn columns_of<'e>(entries: &[&'e Entry]) -> [Column<'e>; 17] {
    columns!(entries.iter(), |it| [
        it.event().id.as_str(),
        it.event().payload.name(),
        it.event().event_type.as_str(),
        it.event().created.get(),
        it.event().livemode,
        it.event().api_version.as_ref().map(EnumWord::as_str),
        it.event().account.as_ref().map(AccountPath::as_str),
        it.event().object_id.as_ref().map(ObjectId::as_str),
        it.event().payment().map(ObjectId::as_str),
        it.event().invoice().map(ObjectId::as_str),
        it.event().snapshot_event.as_ref().map(EventId::as_str),
        it.facts_json(),
        it.event().state.name(),
        it.event().state.reason(),
        it.event().origin.name(),
        it.event().fetched_at.map(UnixSeconds::get),
        it.event().received_at.get(),
    ])
}

/// Returns the recorded ids that [`RECORD`] found. A commit is durable only with the setting that
/// [`OpenConnection::begin`] makes; a pooler that pools by statement would lose the setting, and then
/// nothing has been written.
fn there(rows: &[Row]) -> Result<HashSet<String>, StoreError> {
    let row = rows.first().ok_or(StoreError::Corrupt)?;
    let setting: &str = read(row, 1)?;
    if setting != "on" {
        let found = setting.to_owned();
        return Err(StoreError::SettingLost { name: "synchronous_commit", found });
    }
    Ok(read::<Vec<String>>(row, 0)?.into_iter().collect())
}
