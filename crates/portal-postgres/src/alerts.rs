//! Alerts and their notifications.

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::alert::{EVENT_DEAD, channel_failing_key};
use portal_domain::notify::{CAUSE_EVERY, END_DELAY, END_DELAYS_MAX, NEWS_FOR, SERIES};
use portal_domain::{
    Acknowledgement, Action, Actor, Alert, AlertChange, AlertFilter, AlertKey, AlertRow, Alerts,
    ChannelResult, ChannelRow, LeasedNotification, NewSilence, Notification, NotificationOutcome,
    StoreError, UnixSeconds, Written, row_decode, stored_json,
};

use crate::connection::OpenConnection;
use crate::store::{PostgresStore, step};
use crate::value::Value;

#[async_trait]
impl Alerts for PostgresStore {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.maintenance, |open| write(open, changes, now))
    }

    async fn alerts(&self, filter: AlertFilter, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        let condition = match filter {
            AlertFilter::All => "true",
            AlertFilter::Open => GOES_ON,
        };
        let last = format!("{ALERTS} where {condition} order by a.changed_at desc, a.key limit $1");
        step!(self.reporting, |open| open.all(&last, &[&i64::from(limit)], row_decode::alert))
    }

    async fn alert(&self, key: &AlertKey) -> Result<Option<AlertRow>, StoreError> {
        let alert = format!("{ALERTS} where a.key = $1");
        step!(self.reading, |open| open.first(&alert, &[&key.as_str()], row_decode::alert))
    }

    async fn acknowledge(
        &self,
        key: &AlertKey,
        seen: &Acknowledgement,
    ) -> Result<Written, StoreError> {
        let sql = "update alert set acknowledged_at = $2, acknowledged_by = $3 \
                   where key = $1 and open";
        let (key, at, who) = (key.as_str(), seen.at.get(), seen.by.as_str());
        step!(self.operating, |open| async { open.written(sql, &[&key, &at, &who]).await })
    }

    async fn silence(&self, silence: &NewSilence, who: &Actor) -> Result<Written, StoreError> {
        let sql = "update alert set silenced_until = $2, silenced_by = $3 where key = $1";
        let (key, until) = (silence.key().as_str(), silence.until().get());
        let who = who.as_str();
        step!(self.operating, |open| async { open.written(sql, &[&key, &until, &who]).await })
    }

    async fn unsilence(&self, key: &AlertKey) -> Result<Written, StoreError> {
        let sql = "update alert set silenced_until = null, silenced_by = null \
                   where key = $1 and silenced_until is not null";
        step!(self.operating, |open| open.written(sql, &[&key.as_str()]))
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        let until = now.after(lease).get();
        step!(self.maintenance, |open| async {
            // Mostly no notification is due, and then no lock is needed.
            if due(open, channel, now).await?.is_none() {
                return Ok(None);
            }
            open.execute(ONE_NOTIFIER, &[&channel]).await?;
            let Some(notification) = due(open, channel, now).await? else { return Ok(None) };
            let values: [&dyn Value; 3] = [&channel, &notification.key.as_str(), &until];
            let (lease, attempts) =
                open.one(LEASE, &values, row_decode::lease_and_attempts).await?;
            Ok(Some(LeasedNotification { notification, lease, attempts }))
        })
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let NotificationOutcome { key, lease, cause, notified, channel: result } = outcome;
        let key = key.as_str();
        let change = result.as_ref().and_then(|it| it.change(channel));
        step!(self.maintenance, |open| async {
            // First the alert and then the notification, as in pruning, so that neither waits for the
            // other.
            write(open, change.as_slice(), now).await?;
            if let Some(result) = result {
                write_channel(open, channel, result, now).await?;
            }
            match notified {
                Ok(action) => {
                    let is_open = *action == Action::Trigger;
                    let values: [&dyn Value; 6] =
                        [&channel, &key, &lease.0, &is_open, &now.get(), &cause.as_str()];
                    open.execute(NOTIFIED, &values).await
                }
                Err(at) => open.execute(NOTIFY_AGAIN, &[&channel, &key, &lease.0, &at.get()]).await,
            }
            .map(drop)
        })
    }

    async fn channels(&self) -> Result<Vec<ChannelRow>, StoreError> {
        let channels = "\
            select c.name, c.taken_at, c.failed_at, c.failure::text as failure, exists ( \
                select 1 from alert a where a.key = 'channel_failing:' || c.name and a.open) as failing \
            from channel c order by c.name";
        step!(self.reading, |open| open.all(channels, &[], row_decode::channel))
    }
}

async fn write_channel(
    open: &OpenConnection,
    channel: &str,
    result: &ChannelResult,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    match result {
        ChannelResult::Taken => {
            let taken = "\
                insert into channel (name, taken_at) values ($1, $2) on conflict (name) \
                do update set taken_at = excluded.taken_at, failure = null";
            open.execute(taken, &[&channel, &now.get()]).await
        }
        ChannelResult::Failed { why, .. } => {
            let failed = "\
                insert into channel (name, failed_at, failure) values ($1, $2, $3::text::jsonb) \
                on conflict (name) do update set failed_at = excluded.failed_at, \
                    failure = excluded.failure";
            let why =
                serde_json::to_string(why).map_err(|it| StoreError::Failed(it.to_string()))?;
            open.execute(failed, &[&channel, &now.get(), &why.as_str()]).await
        }
    }
    .map(drop)
}

pub(crate) async fn write(
    open: &OpenConnection,
    changes: &[AlertChange],
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // Alerts are written in the order of their keys, so that two processes that write the same ones
    // do not deadlock. Changes of one key keep the given order.
    let mut changes: Vec<_> = changes.iter().map(|it| (key(it), it)).collect();
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, change) in changes {
        let key = key.as_str();
        match change {
            AlertChange::Raise(alert) => write_raised(open, key, alert, now).await?,
            AlertChange::Resolve(_) => open.execute(RESOLVE, &[&key, &now.get()]).await?,
            AlertChange::ResolveIfQuietSince { since, .. } => {
                open.execute(RESOLVE_IF_QUIET, &[&key, &now.get(), &since.get()]).await?
            }
        };
    }
    Ok(())
}

fn key(change: &AlertChange) -> String {
    match change {
        AlertChange::Raise(alert) => alert.key(),
        AlertChange::Resolve(key) | AlertChange::ResolveIfQuietSince { key, .. } => key.clone(),
    }
}

/// Selects alerts, in the order of [`row_decode::alert`].
const ALERTS: &str = "\
    select a.key, a.body::text as body, a.open, a.count, a.since, a.changed_at, a.times, \
        (select string_agg(n.channel, ',' order by n.channel) from notification n \
         where n.key = a.key and n.open = a.open) as notified, \
        (select json_agg(json_build_object('channel', n.channel, 'why', c.failure, \
                'again_at', n.due_at) order by n.channel)::text \
         from notification n join channel c on c.name = n.channel \
         where n.key = a.key and n.attempts > 0 and c.failure is not null) as failed, \
        a.acknowledged_at, a.acknowledged_by, a.silenced_until, a.silenced_by \
    from alert a";

/// Raises the alert with the key `$1` at `$3`: its JSON is `$2`, its cool-down `$4` seconds, its cause
/// `$5`; it began at `$7`. Begins within `$6` seconds are one series. The alert about dead events is
/// raised for another event only, which nobody has acknowledged.
const RAISE: &str = "\
    insert into alert (key, body, cause, open, count, since, changed_at, times, first_at, cool_down) \
    values ($1, $2::text::jsonb, $5, true, 1, $7, $3, 1, $7, $4) \
    on conflict (key) do update set body = excluded.body, cause = excluded.cause, open = true, \
        count = case when alert.open then alert.count + 1 else 1 end, \
        since = case when alert.open then alert.since else excluded.since end, \
        times = case when alert.open then alert.times \
            when excluded.since - alert.first_at < $6 then alert.times + 1 else 1 end, \
        first_at = case when alert.open or excluded.since - alert.first_at < $6 \
            then alert.first_at else excluded.since end, \
        acknowledged_at = case when alert.open and alert.key <> 'event_dead' \
            then alert.acknowledged_at end, \
        acknowledged_by = case when alert.open and alert.key <> 'event_dead' \
            then alert.acknowledged_by end, \
        changed_at = excluded.changed_at, cool_down = excluded.cool_down";

/// Ends the alert with the key `$1` at `$2`, if it is open.
const RESOLVE: &str = "update alert set open = false, changed_at = $2 where key = $1 and open";

/// Ends the alert with the key `$1` at `$2`, if it is open and was not raised at `$3` or later.
const RESOLVE_IF_QUIET: &str = "\
    update alert set open = false, changed_at = $2 where key = $1 and open and changed_at < $3";

async fn write_raised(
    open: &OpenConnection,
    key: &str,
    alert: &Alert,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    let body = stored_json(alert)?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    let (cause, series, began_at) = (alert.cause(), SERIES.as_secs(), alert.began_at(now).get());
    open.execute(RAISE, &[&key, &body, &now.get(), &cool_down, &cause, &series, &began_at]).await
}

/// Ends the alert about dead events if no event is dead, nor retried and without its object.
pub(crate) async fn resolve_dead(
    open: &OpenConnection,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // The lock needs a statement of its own: only a statement that begins after it sees the event
    // that died last.
    open.query("select 1 from alert where key = $1 for update", &[&EVENT_DEAD]).await?;
    let resolve = "update alert set open = false, changed_at = $2 \
        where key = $1 and open \
          and not exists (select 1 from event where state = 'dead') \
          and not exists (select 1 from event where reason = 'was_dead')";
    open.execute(resolve, &[&EVENT_DEAD, &now.get()]).await.map(drop)
}

/// Acknowledges the alert about dead events, if every one is acknowledged.
pub(crate) async fn acknowledge_dead(
    open: &OpenConnection,
    seen: &Acknowledgement,
) -> Result<(), StoreError> {
    // As in ending it: only a statement that begins after the lock sees the event that died last.
    open.query("select 1 from alert where key = $1 for update", &[&EVENT_DEAD]).await?;
    let acknowledge = "update alert set acknowledged_at = $2, acknowledged_by = $3 \
        where key = $1 and open and acknowledged_at is null and not exists ( \
            select 1 from event where state = 'dead' \
            and not exists (select 1 from acknowledgement a where a.seq = event.seq))";
    open.execute(acknowledge, &[&EVENT_DEAD, &seen.at.get(), &seen.by.as_str()]).await.map(drop)
}

/// Takes the lock for leasing a notification of the channel `$1`, until the end of the transaction:
/// one notifier at a time, on all replicas.
const ONE_NOTIFIER: &str = "select pg_advisory_xact_lock(x'444f4e42'::integer, hashtext($1))";

/// Leases the notification with the key `$2` for the channel `$1` until `$3`.
const LEASE: &str = "\
    insert into notification (channel, key, due_at, attempts, lease) values ($1, $2, $3, 1, 1) \
    on conflict (channel, key) do update set due_at = excluded.due_at, \
        attempts = notification.attempts + 1, lease = notification.lease + 1 \
    returning lease, attempts";

/// Notes under lease `$3` that the channel `$1` was notified of key `$2` at `$5`: that the alert is
/// open (`$4`) with the cause `$6`, or has ended. The cool-down counts from a notification that it is open.
const NOTIFIED: &str = "\
    update notification set open = $4, cause = $6, notified_at = case when $4 then $5 else notified_at end, due_at = 0, \
        attempts = 0 \
    where channel = $1 and key = $2 and lease = $3";

/// Schedules under lease `$3` another attempt to notify the channel `$1` of key `$2` at `$4`.
const NOTIFY_AGAIN: &str =
    "update notification set due_at = $4 where channel = $1 and key = $2 and lease = $3";

/// Reads the next notification due to the channel at `now`.
async fn due(
    open: &OpenConnection,
    channel: &str,
    now: UnixSeconds,
) -> Result<Option<Notification>, StoreError> {
    let due = "\
        select a.key, a.body::text as body, a.open, a.count, a.since, a.changed_at, a.times \
        from alert a left join notification n on n.channel = $1 and n.key = a.key \
        where a.changed_at > $3 and a.key <> $7 and coalesce(n.due_at, 0) <= $2 \
          and (coalesce(a.silenced_until, 0) <= $2 or not a.open and n.open) and ( \
            n.open is null \
            or not a.open and n.open and a.changed_at + $4 * least(a.times - 1, $5) <= $2 \
            or a.open and not n.open \
            or a.open and n.open and a.cause <> n.cause and n.notified_at + $6 <= $2 \
            or a.open and n.open and a.changed_at > n.notified_at \
               and n.notified_at + a.cool_down <= $2 and a.acknowledged_at is null) \
        order by a.changed_at, a.key limit 1";
    let old = now.after(-NEWS_FOR).get();
    let (delay, delays) = (END_DELAY.as_secs(), i64::from(END_DELAYS_MAX));
    // That a channel fails is not told by that channel.
    let own = channel_failing_key(channel);
    let values: [&dyn Value; 7] =
        [&channel, &now.get(), &old, &delay, &delays, &CAUSE_EVERY.as_secs(), &own.as_str()];
    open.first(due, &values, row_decode::notification).await
}

/// The condition for an alert that is open and [has an end](portal_domain::Alert::has_end). Of the alerts
/// that are notified once, only disputes and failed payouts have one.
const GOES_ON: &str = "(open and (cool_down is not null or body -> 'dispute' is not null \
                                  or body -> 'payout_failed' is not null))";

/// Deletes the alerts that ended, or that have no end, before then, and their notifications. The order
/// is that of the keys, as in raising alerts.
pub(crate) async fn delete_ended(
    open: &OpenConnection,
    before: UnixSeconds,
) -> Result<(), StoreError> {
    let alerts = format!(
        "delete from alert where key in ( \
            select key from alert where changed_at < $1 and not {GOES_ON} order by key for update)"
    );
    let notifications =
        "delete from notification n where not exists (select 1 from alert a where a.key = n.key)";
    open.execute(&alerts, &[&before.get()]).await?;
    open.execute(notifications, &[]).await.map(drop)
}
