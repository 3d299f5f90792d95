//! Between an event and its row.

use portal_domain::{
    AccountPath, Event, EventId, EventType, Facts, ObjectId, Origin, Payload, State, StoreError,
    Token, UnixSeconds,
};
use rusqlite::{Row, Statement, params};

use crate::connection::failed;

/// Inserts `event` by the prepared [`crate::sql::RECORD`]; `true` where it was new.
pub(crate) fn insert(record: &mut Statement<'_>, event: &Event) -> Result<bool, StoreError> {
    let facts = event.facts.as_ref().map(serde_json::to_string).transpose();
    let facts = facts.map_err(|error| StoreError::Failed(error.to_string()))?;
    let inserted = record.execute(params![
        event.id.as_str(),
        event.payload.name(),
        event.event_type.as_str(),
        event.created.get(),
        event.livemode,
        event.api_version.as_ref().map(Token::as_str),
        event.account.as_ref().map(AccountPath::as_str),
        event.object_id.as_ref().map(ObjectId::as_str),
        event.snapshot_event.as_ref().map(EventId::as_str),
        facts,
        event.state.name(),
        event.state.reason(),
        event.origin.name(),
        event.received_at.get(),
    ]);
    inserted.map(|rows| rows == 1).map_err(failed)
}

/// Reads a row of the statements in [`crate::sql`]. What this service never wrote is damage.
pub(crate) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    read(row).map_err(failed)?.ok_or(StoreError::Corrupt)
}

/// By position: looking the columns up by their names takes longer than reading them.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Event>> {
    let text =
        |column| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(column)?.as_str_or_null()?) };
    let (id, payload, event_type) = (text(0)?, text(1)?, text(2)?);
    let (created, livemode): (i64, bool) = (row.get(3)?, row.get(4)?);
    let (api_version, account) = (text(5)?, text(6)?);
    let (object_id, snapshot_event) = (text(7)?, text(8)?);
    let facts = text(9)?.map(Facts::from_json).transpose();
    let (state, reason, origin) = (text(10)?, text(11)?, text(12)?);
    let (received_at, attempts): (i64, u32) = (row.get(13)?, row.get(14)?);
    let event = || {
        Some(Event {
            id: EventId::new(id?)?,
            payload: Payload::from_name(payload?)?,
            event_type: EventType::new(event_type?)?,
            created: UnixSeconds::new(created)?,
            livemode,
            api_version: api_version.and_then(Token::new),
            account: account.and_then(AccountPath::new),
            object_id: object_id.and_then(ObjectId::new),
            snapshot_event: snapshot_event.and_then(EventId::new),
            facts: facts.ok()?,
            state: State::from_names(state?, reason)?,
            origin: Origin::from_name(origin?)?,
            received_at: UnixSeconds::new(received_at)?,
            attempts,
        })
    };
    Ok(event())
}
