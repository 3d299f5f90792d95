//! Conversion between events and rows.

use portal_domain::{
    AccountPath, Entry, EnumWord, EventId, ObjectId, StoreError, UnixSeconds, row_decode,
};
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Column, Row};

use crate::value::Value;

/// Events as columns: the array parameters of [`crate::sql::RECORD`].
#[derive(Default)]
pub(crate) struct EventColumns<'e> {
    ids: Vec<&'e str>,
    payloads: Vec<&'e str>,
    types: Vec<&'e str>,
    created: Vec<i64>,
    livemodes: Vec<bool>,
    api_versions: Vec<Option<&'e str>>,
    accounts: Vec<Option<&'e str>>,
    object_ids: Vec<Option<&'e str>>,
    payments: Vec<Option<&'e str>>,
    invoices: Vec<Option<&'e str>>,
    snapshot_events: Vec<Option<&'e str>>,
    facts: Vec<Option<&'e str>>,
    states: Vec<&'e str>,
    reasons: Vec<Option<&'e str>>,
    origins: Vec<&'e str>,
    fetched_at: Vec<Option<i64>>,
    received_at: Vec<i64>,
}

impl<'e> EventColumns<'e> {
    pub(crate) fn of(entries: &[&'e Entry]) -> Self {
        let mut columns = Self::default();
        for entry in entries {
            let event = entry.event();
            columns.facts.push(entry.facts_json());
            columns.ids.push(event.id.as_str());
            columns.payloads.push(event.payload.name());
            columns.types.push(event.event_type.as_str());
            columns.created.push(event.created.get());
            columns.livemodes.push(event.livemode);
            columns.api_versions.push(event.api_version.as_ref().map(EnumWord::as_str));
            columns.accounts.push(event.account.as_ref().map(AccountPath::as_str));
            columns.object_ids.push(event.object_id.as_ref().map(ObjectId::as_str));
            columns.payments.push(event.payment().map(ObjectId::as_str));
            columns.invoices.push(event.invoice().map(ObjectId::as_str));
            columns.snapshot_events.push(event.snapshot_event.as_ref().map(EventId::as_str));
            columns.states.push(event.state.name());
            columns.reasons.push(event.state.reason());
            columns.origins.push(event.origin.name());
            columns.fetched_at.push(event.fetched_at.map(UnixSeconds::get));
            columns.received_at.push(event.received_at.get());
        }
        columns
    }

    pub(crate) fn values(&self) -> [&dyn Value; 17] {
        [
            &self.ids,
            &self.payloads,
            &self.types,
            &self.created,
            &self.livemodes,
            &self.api_versions,
            &self.accounts,
            &self.object_ids,
            &self.payments,
            &self.invoices,
            &self.snapshot_events,
            &self.facts,
            &self.states,
            &self.reasons,
            &self.origins,
            &self.fetched_at,
            &self.received_at,
        ]
    }
}

/// A row of a PostgreSQL query.
pub(crate) struct PostgresRow<'r>(pub(crate) &'r Row);

impl row_decode::Row for PostgresRow<'_> {
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        read(self.0, column)
    }

    /// Reads an integer of any of PostgreSQL's integer types.
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        let Some(kind) = self.0.columns().get(column).map(Column::type_) else {
            return Err(StoreError::Corrupt);
        };
        match *kind {
            Type::BOOL => Ok(read::<Option<bool>>(self.0, column)?.map(i64::from)),
            Type::INT4 => Ok(read::<Option<i32>>(self.0, column)?.map(i64::from)),
            _ => read(self.0, column),
        }
    }
}

/// Reads a column by its index. A value that this service never writes is an error of corruption.
pub(crate) fn read<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| StoreError::Corrupt)
}
