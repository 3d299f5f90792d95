//! Statements on events that wait for their object.

use super::select_event;

/// Up to `$1` events that wait and are due to be fetched at `$2`.
pub(crate) const WAITING: &str = select_event!(
    "coalesce(attempts, 0) from event left join postponed using (seq) \
     where state = 'waiting' and coalesce(due_at, 0) <= $2 order by seq limit $1"
);

/// The event `$1` waits no more: it has the facts `$2` of the object `$4`, which Stripe showed at
/// `$3`, and is to be settled at `$5`. A program of schema version 2 may have left it among those to
/// be settled.
pub(crate) const SUPPLY: &str = "\
    with supplied as ( \
        update event set facts = $2, fetched_at = $3, object_id = $4, state = 'pending' \
        where id = $1 and state = 'waiting' returning seq \
    ), waiting_no_more as ( \
        delete from postponed where seq in (select seq from supplied) \
    ) \
    insert into unsettled (seq, due_at) select seq, $5 from supplied \
    on conflict (seq) do update set due_at = excluded.due_at, attempts = 0, lease = 0";

/// The event `$1`, if it waits, is to be fetched again at `$2`.
pub(crate) const POSTPONE: &str = "\
    insert into postponed (seq, due_at, attempts) \
    select seq, $2, 1 from event where id = $1 and state = 'waiting' \
    on conflict (seq) do update set due_at = excluded.due_at, attempts = postponed.attempts + 1";

/// The event `$1` waits no more: it has the state `$2` for the reason `$3`.
pub(crate) const FORGO: &str = "\
    with forgone as ( \
        update event set state = $2, reason = $3 where id = $1 and state = 'waiting' \
        returning seq \
    ), waiting_no_more as ( \
        delete from postponed where seq in (select seq from forgone) \
    ) \
    select 1 from forgone";

/// For each object in `$1` with the type of a snapshot event in `$2`, in their order, whether a thin
/// event of it is there.
pub(crate) const TOLD_THIN: &str = "\
    select exists (select 1 from event e where e.payload = 'thin' \
        and e.object_id = it.object_id and e.type = 'v1.' || it.type) \
    from unnest($1::text[], $2::text[]) with ordinality as it (object_id, type, place) \
    order by it.place";
