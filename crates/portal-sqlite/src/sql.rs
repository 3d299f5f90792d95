//! The SQL text: migrations and statements.

pub mod alerts;
pub mod ledger;

use portal_domain::{EventFilter, Remedy, Selection};

/// An event's columns, in the order in which they are read.
macro_rules! select_event {
    ($attempts_and_rest:literal) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, received_at, ",
            $attempts_and_rest
        )
    };
}

/// Each brings the schema from its index to the next version. Append only: a database in the field
/// has run the older ones.
pub const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_inbox.sql"), include_str!("../migrations/0002_ledger.sql")];

/// Records one event; changes no row where the id is there already.
pub const RECORD: &str = "insert into event (id, payload, type, created, livemode, api_version, account, \
     object_id, snapshot_event, facts, state, reason, origin, received_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
     on conflict (id) do nothing";

/// The event that [`RECORD`] has just recorded, at `?1`, is to be settled. A statement of its own and
/// no trigger: SQLite would keep a copy of each page that a statement with a trigger changes.
pub const TO_SETTLE: &str = "insert into unsettled (seq, due_at) values (last_insert_rowid(), ?1)";

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
pub const EVENT: &str = select_event!("attempts from inbox where id = ?1");

/// The events that a filter lets through, newest first, and which of its values are bound:
/// `:type`, `:state`, `:since`, `:limit`.
#[must_use]
pub fn events(filter: &EventFilter) -> String {
    let mut sql = String::from(select_event!("attempts from inbox where true"));
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

/// Up to `?2` events that are due at `?1`, with this attempt counted.
pub const DUE: &str = select_event!(
    "attempts + 1 from unsettled join event using (seq) where due_at <= ?1 order by seq limit ?2"
);

/// A number for a claim, greater than all before.
pub const CLAIM_NUMBER: &str = "update claims set number = number + 1 returning number";

/// Leases what [`DUE`] finds under the number `?3` for `?4` seconds, twice as long for each attempt
/// before, and `?5` at most.
pub const CLAIM: &str = "\
    update unsettled set attempts = attempts + 1, lease = ?3, \
        due_at = ?1 + min(?4 << min(attempts, 16), ?5) \
    where seq in (select seq from unsettled where due_at <= ?1 order by seq limit ?2)";

/// The event `?1` is settled, if the lease `?2` is its last one.
pub const SETTLED: &str =
    "delete from unsettled where seq = (select seq from event where id = ?1) and lease = ?2";

/// The event `?1` is due again at `?3`, if the lease `?2` is its last one.
pub const AGAIN: &str = "\
    update unsettled set due_at = ?3 \
    where seq = (select seq from event where id = ?1) and lease = ?2";

/// The event `?1` is given up for the reason `?2`.
pub const GIVEN_UP: &str = "update event set state = 'dead', reason = ?2 where id = ?1";

/// What is not settled, counted and looked at up to `?1`.
pub const BACKLOG: &str = "\
    select \
        (select count(*) from (select 1 from unsettled limit ?1)) as pending, \
        (select min(due_at) from (select due_at from unsettled order by seq limit ?1)) \
            as first_due_at, \
        (select count(*) from (select 1 from event where state = 'dead' limit ?1)) as dead, \
        (select count(*) from (select 1 from event where state = 'waiting' limit ?1)) as waiting";

/// How the last `?2` events came in since `?1`.
pub const PAST: &str = "\
    select count(*) as events, min(received_at) as first, max(received_at) as last, \
        max(coalesce(max(gap), 0), 0) as longest_gap \
    from (select received_at, received_at - lag(received_at) over (order by seq) as gap \
          from (select seq, received_at from event order by seq desc limit ?2) \
          where received_at >= ?1)";

macro_rules! where_prunable {
    () => {
        "where received_at < ?1 and (state = 'ignored' \
             or state = 'pending' and seq not in (select seq from unsettled))"
    };
}

/// Forgets up to `?2` settled or ignored events that were received before `?1`.
pub const PRUNE: &str = concat!(
    "delete from event where seq in (select seq from event ",
    where_prunable!(),
    " order by seq limit ?2)"
);

/// How many events [`PRUNE`] would forget.
pub const PRUNABLE: &str = concat!("select count(*) from event ", where_prunable!());

/// Gives the selected events another turn, in these steps; each binds what `selected` does, and
/// some `:now`.
#[must_use]
pub fn apply(remedy: Remedy, which: &Selection) -> Vec<String> {
    let selected = selected(remedy, which);
    match remedy {
        Remedy::Retry => vec![
            format!(
                "insert into unsettled (seq, due_at) select seq, :now from inbox \
                 where payload <> 'thin' and {selected} \
                 on conflict (seq) do update set due_at = :now, attempts = 0, lease = 0"
            ),
            format!(
                "update event set reason = null, \
                 state = case payload when 'thin' then 'waiting' else 'pending' end \
                 where seq in (select seq from inbox where {selected})"
            ),
        ],
        Remedy::Ignore => vec![format!(
            "update event set state = 'ignored', reason = 'by_operator' \
             where seq in (select seq from inbox where {selected})"
        )],
    }
}

/// How many events [`apply`] would change.
#[must_use]
pub fn eligible(remedy: Remedy, which: &Selection) -> String {
    format!("select count(*) from inbox where {}", selected(remedy, which))
}

/// Binds `:ids` (a JSON array), `:state`, `:since`, `:until`, as far as the selection has them.
fn selected(remedy: Remedy, which: &Selection) -> String {
    let mut sql = String::from(match remedy {
        Remedy::Retry => {
            "(state in ('pending', 'done', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        Remedy::Ignore => "state in ('pending', 'waiting', 'dead')",
    });
    let terms = [
        (!which.ids.is_empty(), " and id in (select value from json_each(:ids))"),
        (which.state.is_some(), " and state = :state"),
        (which.since.is_some(), " and received_at >= :since"),
        (which.until.is_some(), " and received_at < :until"),
    ];
    for (_, term) in terms.into_iter().filter(|(there, _)| *there) {
        sql.push_str(term);
    }
    sql
}
