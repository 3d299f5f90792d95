//! The SQL text: migrations and statements.

use portal_domain::EventFilter;

macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, received_at from event ",
            $rest
        )
    };
}

/// Each brings the schema from its index to the next version. Append only: a database in the field
/// has run the older ones.
pub const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_inbox.sql")];

/// Records one event; changes no row where the id is there already.
pub const RECORD: &str = "insert into event (id, payload, type, created, livemode, api_version, account, \
     object_id, snapshot_event, facts, state, reason, origin, received_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
     on conflict (id) do nothing";

/// Proves, in one transaction, that an event could be recorded and that there is room for a batch.
/// `?1` of the last: now, in Unix seconds.
pub const PING: [&str; 3] = [
    "insert into event (id, payload, type, created, livemode, state, origin, received_at) \
     values ('', '', '', 0, 0, '', '', 0)",
    "delete from event where id = ''",
    "insert into heartbeat (only_row, at, room) values (1, ?1, zeroblob(65536)) \
     on conflict do update set at = excluded.at, room = excluded.room",
];

/// The event of id `?1`.
pub const EVENT: &str = select_event!("where id = ?1");

/// The events that a filter lets through, newest first, and which of its values are bound:
/// `:type`, `:state`, `:since`, `:limit`.
#[must_use]
pub fn events(filter: &EventFilter) -> String {
    let mut sql = String::from(select_event!("where true"));
    if filter.event_type.is_some() {
        sql.push_str(" and type = :type");
    }
    if filter.state.is_some() {
        sql.push_str(" and state = :state");
    }
    if filter.since.is_some() {
        sql.push_str(" and received_at >= :since");
    }
    sql.push_str(" order by seq desc limit :limit");
    sql
}
