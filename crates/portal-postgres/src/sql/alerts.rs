//! Statements on alerts and notifications.

/// Raises the alert with the key `$1` at `$3`: its JSON is `$2`, its cool-down `$4` seconds.
pub(crate) const RAISE: &str = "\
    insert into alert (key, body, open, count, since, changed_at, cool_down) \
    values ($1, $2::text::jsonb, true, 1, $3, $3, $4) \
    on conflict (key) do update set body = excluded.body, open = true, \
        count = case when alert.open then alert.count + 1 else 1 end, \
        since = case when alert.open then alert.since else excluded.since end, \
        changed_at = excluded.changed_at, cool_down = excluded.cool_down";

/// Ends the alert with the key `$1` at `$2`, if it is open.
pub(crate) const RESOLVE: &str =
    "update alert set open = false, changed_at = $2 where key = $1 and open";

/// Ends the alert with the key `$1` at `$2`, if it is open and was not raised at `$3` or later.
pub(crate) const SUBSIDE: &str = "\
    update alert set open = false, changed_at = $2 where key = $1 and open and changed_at < $3";

/// Locks the alert with the key `$1` until the end of the transaction.
pub(crate) const HOLD: &str = "select 1 from alert where key = $1 for update";

/// Ends the alert with the key `$1` at `$2`, if it is open and no event is dead.
pub(crate) const RESOLVE_DEAD: &str = "\
    update alert set open = false, changed_at = $2 \
    where key = $1 and open and not exists (select 1 from event where state = 'dead')";

/// Takes the lock for leasing a notification of the channel `$1`, until the end of the transaction:
/// one notifier at a time, on all replicas.
pub(crate) const ONE_TELLER: &str =
    "select pg_advisory_xact_lock(x'444f4e42'::integer, hashtext($1))";

/// Reads the next notification due to the channel `$1` at `$2`, except changes at `$3` or before.
pub(crate) const DUE: &str = "\
    select a.key, a.body::text as body, a.open, a.count, a.since \
    from alert a left join notification n on n.channel = $1 and n.key = a.key \
    where a.changed_at > $3 and coalesce(n.due_at, 0) <= $2 and ( \
        n.open is null \
        or not a.open and n.open \
        or a.open and not n.open and n.notified_at + coalesce(a.cool_down, 0) <= $2 \
        or a.open and n.open and a.changed_at > n.notified_at and n.notified_at + a.cool_down <= $2) \
    order by a.changed_at, a.key limit 1";

/// Leases the notification with the key `$2` for the channel `$1` until `$3`.
pub(crate) const LEASE: &str = "\
    insert into notification (channel, key, due_at, attempts, lease) values ($1, $2, $3, 1, 1) \
    on conflict (channel, key) do update set due_at = excluded.due_at, \
        attempts = notification.attempts + 1, lease = notification.lease + 1 \
    returning lease, attempts";

/// Notes under lease `$3` that the channel `$1` was notified of key `$2` at `$5`: that the alert is
/// open (`$4`) or has ended. The cool-down counts from a notification that it is open.
pub(crate) const TOLD: &str = "\
    update notification set open = $4, notified_at = case when $4 then $5 else notified_at end, due_at = 0, \
        attempts = 0 \
    where channel = $1 and key = $2 and lease = $3";

/// Schedules under lease `$3` another attempt to notify the channel `$1` of key `$2` at `$4`.
pub(crate) const TELL_AGAIN: &str =
    "update notification set due_at = $4 where channel = $1 and key = $2 and lease = $3";

/// Reads the last `$1` alerts, with the channels that were notified of their present state.
pub(crate) const ALERTS: &str = "\
    select a.key, a.body::text as body, a.open, a.count, a.since, a.changed_at, \
        (select string_agg(n.channel, ',' order by n.channel) from notification n \
         where n.key = a.key and n.open = a.open) as notified \
    from alert a order by a.changed_at desc, a.key limit $1";

/// Deletes alerts that ended, or that have no end, before `$1`. Of the alerts that are notified once
/// only a dispute has an end. The order is that of the keys, as in raising alerts.
pub(crate) const PRUNE_ALERTS: &str = "\
    delete from alert where key in ( \
        select key from alert where changed_at < $1 \
            and (not open or cool_down is null and body ->> 'kind' <> 'dispute') \
        order by key for update)";

/// Deletes the notifications of deleted alerts.
pub(crate) const PRUNE_NOTICES: &str =
    "delete from notification n where not exists (select 1 from alert a where a.key = n.key)";
