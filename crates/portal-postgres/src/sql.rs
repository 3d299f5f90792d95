//! The SQL text: migrations and statements.

pub(crate) mod alerts;
pub(crate) mod fetching;
pub(crate) mod hours;
pub(crate) mod keep;
pub(crate) mod ledger;
pub(crate) mod reconciling;

use portal_domain::OperatorAction;

/// One step of the schema.
pub(crate) struct Migration {
    /// What it does.
    pub(crate) sql: &'static str,
    /// The oldest program, named by the schema version that it brings, that works on the schema after
    /// this step: what is added first (*expand*) is used later, and what is no longer used is removed
    /// last (*contract*), so that replicas can be replaced one by one.
    pub(crate) serves_since: i32,
}

/// Each brings the schema from its index to the next version. Until the first release there is one,
/// which may be edited; from then on they are appended, because a database in the field has run them.
pub(crate) const MIGRATIONS: [Migration; 1] = [Migration {
    sql: concat!(
        include_str!("../migrations/0001_schema.sql"),
        include_str!("../migrations/0001_functions.sql")
    ),
    serves_since: 1,
}];

/// All that this service has stands in this schema, so that it may share a database.
pub(crate) const SCHEMA: &str = "donation_portal";

/// An event's columns, in the order in which they are read.
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

/// Records events and what they change where none is there; see `record_events` in the schema. Returns
/// those that are there, and the setting on which durability rests.
pub(crate) const RECORD: &str = "select record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, \
    $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43), current_setting('synchronous_commit')";

/// Proves that a write would succeed, and tells the server's time. `$1`: now, in Unix seconds.
pub(crate) const PING: &str = "\
    insert into heartbeat (only_row, at) values (true, $1) \
    on conflict (only_row) do update set at = excluded.at \
    returning extract(epoch from clock_timestamp())::bigint";

/// The event of id `$1`.
pub(crate) const EVENT: &str = select_event!(" from event where id = $1");

/// Events as [`crate::terms::Terms`] narrow them, which follow.
pub(crate) const EVENTS: &str = select_event!(" from event where true");

/// As [`EVENTS`], of those that are about the object `$1` or name it; of an invoice, those about its
/// payments too, which the ledger knows. Found by indexes, and not by walking through the newest events.
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

/// Events that an action can take; terms follow.
pub(crate) const EVENTS_FOR: &str = select_event!(" from event where ");

/// Held to the end of its transaction by whoever changes the states of events that are there,
/// postpones what awaits its object, or prunes: one process at a time, on all replicas. So none of
/// them waits for rows that another one holds, in whatever order they come.
pub(crate) const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 1)";

/// The states of the events `$1`.
pub(crate) const STATES: &str = "select id, state, reason from event where id = any($1)";

/// Gives the events `$1` their facts `$2`, objects `$3`, the payments `$4` and invoices `$5` that these
/// name, times of fetching `$6`, states `$7` and reasons `$8`, and takes what awaits its object no more
/// from the queue.
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

/// How many events are dead or await their object, counted up to `$1`.
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

/// Forgets up to `$2` processed or ignored events that were received before `$1`.
pub(crate) const PRUNE: &str = concat!(
    "delete from event where seq in (select seq from event ",
    where_prunable!(),
    " order by seq limit $2)"
);

/// How many events [`PRUNE`] would forget.
pub(crate) const PRUNABLE: &str =
    concat!("select count(*) as events from event ", where_prunable!());

/// How many events can take an action; terms follow.
pub(crate) const COUNT_FOR: &str = "select count(*) as events from event where ";

/// Gives what was selected (`selected`, given as terms) no effect, takes it from the queue of what
/// awaits its object, and tells how many events that was.
pub(crate) fn ignore(selected: &str) -> String {
    format!(
        "with ignored as ( \
             update event set state = 'ignored', reason = 'by_operator' where {selected} \
             returning seq \
         ), unqueued as (delete from fetch_queue where seq in (select seq from ignored)) \
         select count(*) from ignored"
    )
}

/// The states that can take an action.
pub(crate) fn that_can_take(action: OperatorAction) -> &'static str {
    match action {
        OperatorAction::Reprocess => {
            "(state in ('processed', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        OperatorAction::Ignore => "state in ('awaiting_object', 'dead')",
    }
}
