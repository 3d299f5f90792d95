//! Between events and rows.

use std::sync::Arc;

use portal_domain::{
    AccountPath, Event, EventId, EventType, Facts, ObjectId, Origin, Payload, State, StoreError,
    Token, UnixSeconds,
};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql};

/// Events as columns, for the arrays of [`crate::sql::RECORD`].
#[derive(Default)]
pub(crate) struct Columns<'e> {
    ids: Vec<&'e str>,
    payloads: Vec<&'e str>,
    types: Vec<&'e str>,
    created: Vec<i64>,
    livemodes: Vec<bool>,
    api_versions: Vec<Option<&'e str>>,
    accounts: Vec<Option<&'e str>>,
    object_ids: Vec<Option<&'e str>>,
    snapshot_events: Vec<Option<&'e str>>,
    facts: Vec<Option<String>>,
    states: Vec<&'e str>,
    reasons: Vec<Option<&'e str>>,
    origins: Vec<&'e str>,
    received_at: Vec<i64>,
}

impl<'e> Columns<'e> {
    pub(crate) fn of(events: &'e [Arc<Event>]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for event in events {
            let facts = event.facts.as_ref().map(serde_json::to_string).transpose();
            columns.facts.push(facts.map_err(|error| StoreError::Failed(error.to_string()))?);
            columns.ids.push(event.id.as_str());
            columns.payloads.push(event.payload.name());
            columns.types.push(event.event_type.as_str());
            columns.created.push(event.created.get());
            columns.livemodes.push(event.livemode);
            columns.api_versions.push(event.api_version.as_ref().map(Token::as_str));
            columns.accounts.push(event.account.as_ref().map(AccountPath::as_str));
            columns.object_ids.push(event.object_id.as_ref().map(ObjectId::as_str));
            columns.snapshot_events.push(event.snapshot_event.as_ref().map(EventId::as_str));
            columns.states.push(event.state.name());
            columns.reasons.push(event.state.reason());
            columns.origins.push(event.origin.name());
            columns.received_at.push(event.received_at.get());
        }
        Ok(columns)
    }

    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 14] {
        [
            &self.ids,
            &self.payloads,
            &self.types,
            &self.created,
            &self.livemodes,
            &self.api_versions,
            &self.accounts,
            &self.object_ids,
            &self.snapshot_events,
            &self.facts,
            &self.states,
            &self.reasons,
            &self.origins,
            &self.received_at,
        ]
    }
}

/// Reads a row of the statements in [`crate::sql`].
pub(crate) fn event(row: &Row) -> Result<Event, StoreError> {
    let text = |column| read::<Option<&str>>(row, column);
    let moment = |column| UnixSeconds::new(read(row, column)?).ok_or(StoreError::Corrupt);
    let facts = text(9)?.map(Facts::from_json).transpose().map_err(|_| StoreError::Corrupt)?;
    let (created, received_at) = (moment(3)?, moment(13)?);
    let (livemode, attempts) = (read(row, 4)?, count(row, 14)?);
    let [id, payload, event_type] = [text(0)?, text(1)?, text(2)?];
    let [api_version, account, object_id] = [text(5)?, text(6)?, text(7)?];
    let [snapshot_event, state, reason, origin] = [text(8)?, text(10)?, text(11)?, text(12)?];
    let event = || {
        Some(Event {
            id: EventId::new(id?)?,
            payload: Payload::from_name(payload?)?,
            event_type: EventType::new(event_type?)?,
            created,
            livemode,
            api_version: api_version.and_then(Token::new),
            account: account.and_then(AccountPath::new),
            object_id: object_id.and_then(ObjectId::new),
            snapshot_event: snapshot_event.and_then(EventId::new),
            facts,
            state: State::from_names(state?, reason)?,
            origin: Origin::from_name(origin?)?,
            received_at,
            attempts,
        })
    };
    event().ok_or(StoreError::Corrupt)
}

/// Reads a column by its place. What this service never wrote is damage.
pub(crate) fn read<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| StoreError::Corrupt)
}

/// Reads a number that is never negative.
pub(crate) fn count<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, StoreError> {
    let number =
        row.try_get::<_, i64>(column).or_else(|_| row.try_get::<_, i32>(column).map(i64::from));
    T::try_from(number.map_err(|_| StoreError::Corrupt)?).map_err(|_| StoreError::Corrupt)
}
