//! The SQL text: migrations and statements.

pub(crate) mod alerts;
pub(crate) mod fetching;
pub(crate) mod ledger;
pub(crate) mod reconciling;

use portal_domain::Remedy;

/// One step of the schema.
pub(crate) struct Migration {
    /// What it does.
    pub(crate) sql: &'static str,
    /// The oldest program, named by the schema version that it brings, that works on the schema after
    /// this step: what is added first (*expand*) is used later, and what is no longer used is removed
    /// last (*contract*), so that replicas can be replaced one by one.
    pub(crate) serves_since: i32,
}

/// Each brings the schema from its index to the next version. Append only: a database in the field
/// has run the older ones.
pub(crate) const MIGRATIONS: [Migration; 3] = [
    Migration { sql: include_str!("../migrations/0001_inbox.sql"), serves_since: 1 },
    Migration { sql: include_str!("../migrations/0002_ledger.sql"), serves_since: 2 },
    Migration { sql: include_str!("../migrations/0003_reconcile.sql"), serves_since: 2 },
];

/// All that this service has stands in this schema, so that it may share a database.
pub(crate) const SCHEMA: &str = "donation_portal";

/// An event's columns, in the order in which they are read.
macro_rules! select_event {
    ($($rest:literal),+) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at, ",
            $($rest),+
        )
    };
}
pub(crate) use select_event;

/// Records events, given as a column of each array, and returns the ids of those that were new.
///
/// They are inserted in the order of their ids: batches of two processes that hold the same events
/// wait for each other then, and never both. Their places in the inbox are those of their arrival.
pub(crate) const RECORD: &str = "\
    with given as materialized ( \
        select nextval('event_seq') as seq, it.* \
        from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::text[], \
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], \
            $14::bigint[], $15::bigint[]) \
        as it (id, payload, type, created, livemode, api_version, account, object_id, \
            snapshot_event, facts, state, reason, origin, fetched_at, received_at) \
    ), recorded as ( \
        insert into event (seq, id, payload, type, created, livemode, api_version, account, \
            object_id, snapshot_event, facts, state, reason, origin, fetched_at, received_at) \
        select * from given order by id collate \"C\", seq \
        on conflict (id) do nothing \
        returning seq, id, state, received_at \
    ), to_settle as ( \
        insert into unsettled (seq, due_at) \
        select seq, received_at from recorded where state = 'pending' \
    ) \
    select id from recorded";

/// Proves that a write would succeed. `$1`: now, in Unix seconds.
pub(crate) const PING: &str = "\
    insert into heartbeat (only_row, at) values (true, $1) \
    on conflict (only_row) do update set at = excluded.at";

/// The event of id `$1`.
pub(crate) const EVENT: &str = select_event!("attempts from inbox where id = $1");

/// Events as [`crate::terms::Terms`] narrow them, which follow.
pub(crate) const EVENTS: &str = select_event!("attempts from inbox where true");

/// Leases up to `$2` events that are due at `$1`, for `$3` seconds, twice as long for each attempt
/// before, and `$4` at most. What another process is leasing now is passed over.
pub(crate) const CLAIM: &str = concat!(
    "with due as materialized ( \
        select seq from unsettled where due_at <= $1 order by seq limit $2 \
        for update skip locked \
    ), number as materialized ( \
        select nextval('claim') as lease where exists (select 1 from due) \
    ), claimed as ( \
        update unsettled u set attempts = u.attempts + 1, lease = number.lease, \
            due_at = $1 + least($3::bigint << least(u.attempts, 16), $4) \
        from due, number where u.seq = due.seq \
        returning u.seq, u.attempts, u.lease \
    ) ",
    select_event!("attempts, lease from claimed join event using (seq) order by seq")
);

/// Held to the end of its transaction by whoever settles, applies a remedy or prunes: one process at
/// a time, on all replicas. So none of them waits for rows that another one holds, in whatever order
/// they come, and none sees half of what another one does.
pub(crate) const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 1)";

/// Of the events `$1` with the leases `$2` those whose lease is the last one given, by their place
/// in the arrays: settled, or due again at `$3` where that is there.
pub(crate) const SETTLE: &str = "\
    with mine as materialized ( \
        select u.seq, it.again_at, it.place \
        from unnest($1::text[], $2::bigint[], $3::bigint[]) with ordinality \
            as it (id, lease, again_at, place) \
        join event e on e.id = it.id \
        join unsettled u on u.seq = e.seq and u.lease = it.lease \
        order by u.seq for update of u \
    ), settled as ( \
        delete from unsettled u using mine where u.seq = mine.seq and mine.again_at is null \
    ), put_off as ( \
        update unsettled u set due_at = mine.again_at from mine \
        where u.seq = mine.seq and mine.again_at is not null \
    ) \
    select place from mine";

/// The event `$1` is given up for the reason `$2`.
pub(crate) const GIVEN_UP: &str = "update event set state = 'dead', reason = $2 where id = $1";

/// What is not settled, counted and looked at up to `$1`.
pub(crate) const BACKLOG: &str = "\
    select \
        (select count(*) from (select 1 from unsettled limit $1) as it) as pending, \
        (select min(due_at) from (select due_at from unsettled order by seq limit $1) as it) \
            as first_due_at, \
        (select count(*) from (select 1 from event where state = 'dead' limit $1) as it) as dead, \
        (select count(*) from (select 1 from event where state = 'waiting' limit $1) as it) \
            as waiting";

/// How the last `$2` events that Stripe delivered came in since `$1`.
pub(crate) const PAST: &str = "\
    select count(*) as events, min(received_at) as first, max(received_at) as last, \
        greatest(coalesce(max(gap), 0), 0) as longest_gap \
    from (select received_at, received_at - lag(received_at) over (order by seq) as gap \
          from (select seq, received_at from event \
                where origin = 'delivered' and type <> 'donation_portal.doctor' \
                order by seq desc limit $2) as latest \
          where received_at >= $1) as it";

macro_rules! where_prunable {
    () => {
        "where e.received_at < $1 and (e.state = 'ignored' or e.state = 'pending' \
             and not exists (select 1 from unsettled u where u.seq = e.seq))"
    };
}

/// Forgets up to `$2` settled or ignored events that were received before `$1`.
pub(crate) const PRUNE: &str = concat!(
    "delete from event where seq in (select seq from event e ",
    where_prunable!(),
    " order by seq limit $2)"
);

/// How many events [`PRUNE`] would forget.
pub(crate) const PRUNABLE: &str =
    concat!("select count(*) as events from event e ", where_prunable!());

/// How many events a remedy would change; terms follow.
pub(crate) const ELIGIBLE: &str = "select count(*) as events from inbox where ";

/// Makes what a remedy has selected (`selected`, given as terms) due at `$1`.
pub(crate) fn make_due(selected: &str) -> String {
    format!(
        "insert into unsettled (seq, due_at) select seq, $1 from inbox \
         where (payload <> 'thin' or facts is not null) and {selected} order by seq \
         on conflict (seq) do update set due_at = excluded.due_at, attempts = 0, lease = 0"
    )
}

/// Gives what was selected the state from which it goes on.
pub(crate) fn begin_anew(selected: &str) -> String {
    format!(
        "with chosen as materialized (select seq from inbox where {selected}), \
         due_at_once as (delete from postponed where seq in (select seq from chosen)) \
         update event set reason = null, state = case \
             when payload = 'thin' and facts is null then 'waiting' else 'pending' end \
         where seq in (select seq from chosen)"
    )
}

/// Takes what was selected from whoever is to settle it or to fetch its object, and gives it no
/// effect.
pub(crate) fn ignore(selected: &str) -> String {
    format!(
        "with chosen as materialized (select seq from inbox where {selected}), \
         left_alone as (delete from unsettled where seq in (select seq from chosen)), \
         waiting_no_more as (delete from postponed where seq in (select seq from chosen)) \
         update event set state = 'ignored', reason = 'by_operator' \
         where seq in (select seq from chosen)"
    )
}

/// The states that can take a remedy.
pub(crate) fn that_can_take(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => {
            "(state in ('pending', 'done', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        Remedy::Ignore => "state in ('pending', 'waiting', 'dead')",
    }
}
