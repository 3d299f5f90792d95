//! The SQL text: migrations and statements.

pub(crate) mod alerts;
pub(crate) mod fetching;
pub(crate) mod hours;
pub(crate) mod keep;
pub(crate) mod ledger;
pub(crate) mod reconciling;

use portal_domain::OperatorAction;

/// A migration.
pub(crate) struct Migration {
    pub(crate) sql: &'static str,
    /// The oldest program, by its schema version, that works on the schema after this migration. New
    /// parts are added first (*expand*) and used later, and unused parts are removed last
    /// (*contract*), so that replicas can be replaced one by one.
    pub(crate) serves_since: i32,
}

/// The migrations: each leads from the version of its index to the next one. Until the first release
/// there is one, which may be edited; from then on migrations are appended, because databases in use
/// have run the earlier ones.
pub(crate) const MIGRATIONS: [Migration; 1] = [Migration {
    sql: concat!(
        include_str!("../migrations/0001_schema.sql"),
        include_str!("../migrations/0001_functions.sql")
    ),
    serves_since: 1,
}];

/// The schema of all objects of this service, so that it can share a database.
pub(crate) const SCHEMA: &str = "donation_portal";

/// The columns of an event, in the order in which they are read.
macro_rules! select_event {
    ($($rest:literal),+) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at",
            $($rest),+
        )
    };
}
pub(crate) use select_event;

/// Records events and their changes if none of them is recorded yet; see `record_events` in the
/// schema. Returns those that are, and the setting on which durability depends.
pub(crate) const RECORD: &str = "select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, \
    $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43), current_setting('synchronous_commit')";

/// Writes the heartbeat and returns the server's time. `$1`: now, in Unix seconds.
pub(crate) const PING: &str = "\
    insert into heartbeat (only_row, at) values (true, $1) \
    on conflict (only_row) do update set at = excluded.at \
    returning extract(epoch from clock_timestamp())::bigint";

/// Reads the event with the id `$1`.
pub(crate) const EVENT: &str = select_event!(" from event where id = $1");

/// Reads events; the conditions of [`crate::terms::Terms`] follow.
pub(crate) const EVENTS: &str = select_event!(" from event where true");

/// Reads the events that are about the object `$1` or name it; for an invoice also those about its
/// payments, by the links of the ledger. It uses indexes instead of scanning the newest events.
pub(crate) const EVENTS_OF_OBJECT: &str = concat!(
    "with ids as materialized ( \
         select array(select payment from link where invoice = $1) as of_payments \
     ), found as materialized ( \
         select seq from event where object_id = $1 \
         union select seq from event where payment = $1 \
         union select seq from event where invoice = $1 \
         union select seq from event where object_id = any((select of_payments from ids)::text[]) \
         union select seq from event where payment = any((select of_payments from ids)::text[])) ",
    select_event!(" from found join event using (seq) where true")
);

/// Reads the events that an action applies to; conditions follow.
pub(crate) const EVENTS_FOR: &str = select_event!(" from event where ");

/// Takes the lock for changing the states of recorded events, postponing a fetch, and pruning, until
/// the end of the transaction: one process at a time, on all replicas. So these steps cannot deadlock
/// on rows, whatever their order.
pub(crate) const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 1)";

/// Reads the states of the events `$1`.
pub(crate) const STATES: &str = "select id, state, reason from event where id = any($1)";

/// Updates the events `$1`: facts `$2`, objects `$3`, the payments `$4` and invoices `$5` that these
/// name, times of fetching `$6`, states `$7` and reasons `$8`. Events that no longer await their
/// object leave the queue.
pub(crate) const REPROCESS: &str = "\
    with decided as ( \
        update event e set facts = it.facts, object_id = it.object_id, payment = it.payment, \
            invoice = it.invoice, fetched_at = it.fetched_at, state = it.state, reason = it.reason \
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], \
                    $7::text[], $8::text[]) \
            as it (id, facts, object_id, payment, invoice, fetched_at, state, reason) \
        where e.id = it.id returning e.seq, e.state \
    ) \
    delete from fetch_queue where seq in \
        (select seq from decided where state <> 'awaiting_object')";

/// Counts the events that are dead and those that await their object, up to `$1` each.
pub(crate) const BACKLOG: &str = "\
    select \
        (select count(*) from (select 1 from event where state = 'dead' limit $1) as it) as dead, \
        (select count(*) from (select 1 from event where state = 'awaiting_object' limit $1) as it) \
            as awaiting_object";

macro_rules! where_prunable {
    () => {
        "where received_at < $1 and state in ('processed', 'ignored')"
    };
}

/// Deletes up to `$2` processed or ignored events that were received before `$1`.
pub(crate) const PRUNE: &str = concat!(
    "delete from event where seq in (select seq from event ",
    where_prunable!(),
    " order by seq limit $2)"
);

/// Counts the events that [`PRUNE`] would delete.
pub(crate) const PRUNABLE: &str =
    concat!("select count(*) as events from event ", where_prunable!());

/// Counts the events that an action applies to; conditions follow.
pub(crate) const COUNT_FOR: &str = "select count(*) as events from event where ";

/// Returns the statement that marks the selected events (`selected`, as conditions) as ignored,
/// removes them from the fetch queue, and counts them.
pub(crate) fn ignore(selected: &str) -> String {
    format!(
        "with ignored as ( \
             update event set state = 'ignored', reason = 'by_operator' where {selected} \
             returning seq \
         ), unqueued as (delete from fetch_queue where seq in (select seq from ignored)) \
         select count(*) from ignored"
    )
}

/// Returns the condition for the states that an action applies to.
pub(crate) fn that_can_take(action: OperatorAction) -> &'static str {
    match action {
        OperatorAction::Reprocess => {
            "(state in ('processed', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        OperatorAction::Ignore => "state in ('awaiting_object', 'dead')",
    }
}
