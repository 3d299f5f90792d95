//! Statements on events that await their object.

use super::select_event;

/// Reads up to `$1` events whose object is due to be fetched at `$2`.
pub(crate) const AWAITING_OBJECT: &str = select_event!(
    ", coalesce(attempts, 0) from event left join fetch_queue using (seq) \
     where state = 'awaiting_object' and coalesce(due_at, 0) <= $2 order by seq limit $1"
);

/// Schedules the next attempt to fetch the object of the event `$1` at `$2`, if it awaits the object.
pub(crate) const POSTPONE: &str = "\
    insert into fetch_queue (seq, due_at, attempts) \
    select seq, $2, 1 from event where id = $1 and state = 'awaiting_object' \
    on conflict (seq) do update set due_at = excluded.due_at, attempts = fetch_queue.attempts + 1";

/// Returns, for each object in `$1` with the type of a snapshot event in `$2`, in their order, true if
/// a thin event of it is recorded.
pub(crate) const TOLD_THIN: &str = "\
    select exists (select 1 from event e where e.payload = 'thin' \
        and e.object_id = it.object_id and e.type = 'v1.' || it.type) \
    from unnest($1::text[], $2::text[]) with ordinality as it (object_id, type, place) \
    order by it.place";
