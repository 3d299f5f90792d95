//! Alerts, and notifying channels of them.

pub(crate) mod write;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::alert::{STORE_UNAVAILABLE, channel_failing_key};
use portal_domain::notify::{CAUSE_EVERY, END_DELAY, END_DELAYS_MAX, NEWS_FOR};
use portal_domain::{
    Acknowledgement, Action, Actor, AlertChange, AlertFilter, AlertKey, AlertRow, Alerts,
    ChannelResult, ChannelRow, LeasedNotification, NewSilence, NotificationOutcome, StoreError,
    UnixSeconds, Written, row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing, result_at};
use crate::sql::{Statement, values};

/// Selects the next notification of channel `?1` as of `?2`, without changes at `?3` or before. An
/// end is delayed by `?4` seconds for each time, up to `?5`; another cause waits `?6` seconds. That the
/// channel fails has the key `?7`.
macro_rules! due {
    () => {
        "select a.key, a.body, a.open, a.count, a.since, a.changed_at, a.times \
         from alert a left join notification n on n.channel = ?1 and n.key = a.key \
         where a.changed_at > ?3 and a.key <> ?7 and coalesce(n.due_at, 0) <= ?2 \
           and (coalesce(a.silenced_until, 0) <= ?2 or not a.open and n.open) and ( \
             n.open is null \
             or not a.open and n.open and a.changed_at + ?4 * min(a.times - 1, ?5) <= ?2 \
             or a.open and not n.open \
             or a.open and n.open and a.cause <> n.cause and n.notified_at + ?6 <= ?2 \
             or a.open and n.open and a.changed_at > n.notified_at \
                and n.notified_at + a.cool_down <= ?2 and a.acknowledged_at is null) \
         order by a.changed_at, a.key limit 1"
    };
}

/// Selects alerts, in the order of [`row_decode::alert`].
const ALERTS: &str = "\
    select key, body, open, count, since, changed_at, times, \
        (select group_concat(channel, ',') from \
            (select channel from notification n where n.key = a.key and n.open = a.open \
             order by channel)) as notified, \
        (select json_group_array(json(it)) from (select json_object('channel', \
                n.channel, 'why', json(c.failure), 'again_at', n.due_at) as it \
             from notification n join channel c on c.name = n.channel \
             where n.key = a.key and n.attempts > 0 and c.failure is not null \
             order by n.channel)) as failed, \
        acknowledged_at, acknowledged_by, silenced_until, silenced_by \
    from alert a";

/// The condition for an alert that is open and [has an end](portal_domain::Alert::has_end). Of the alerts
/// that are notified once, only disputes and failed payouts have one.
macro_rules! goes_on {
    () => {
        "(open and (cool_down is not null or body -> 'dispute' is not null \
                    or body -> 'payout_failed' is not null))"
    };
}

#[async_trait]
impl<E: Executor> Alerts for SqlStore<E> {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        let always = Statement::plain("true");
        // That a damaged database has taken some writes is no end of the outage.
        let is_damaged = self.executor.check_damage(now).is_err();
        let holds =
            |change: &&AlertChange| !is_damaged || change.resolves() != Some(STORE_UNAVAILABLE);
        let write = |change| write::write_where(change, now, &always);
        let statements = changes.iter().filter(holds).map(write).collect::<Result<Vec<_>, _>>()?;
        self.executor.write(Writing::Beside, &statements).await.map(drop)
    }

    async fn alerts(&self, filter: AlertFilter, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        let mut last = Statement::plain(ALERTS);
        match filter {
            AlertFilter::All => {}
            AlertFilter::Open => last.push(concat!(" where ", goes_on!())),
        }
        last.add(" order by changed_at desc, key limit ?", Some(limit));
        self.executor.read(Reading::Scan, last, row_decode::alert).await
    }

    async fn alert(&self, key: &AlertKey) -> Result<Option<AlertRow>, StoreError> {
        let mut alert = Statement::plain(ALERTS);
        alert.add(" where key = ?", Some(key.as_str()));
        self.first(alert, row_decode::alert).await
    }

    async fn acknowledge(
        &self,
        key: &AlertKey,
        seen: &Acknowledgement,
    ) -> Result<Written, StoreError> {
        let sql = "update alert set acknowledged_at = ?2, acknowledged_by = ?3 \
                   where key = ?1 and open";
        self.change(sql, values![key.as_str(), seen.at.get(), seen.by.as_str()]).await
    }

    async fn silence(&self, silence: &NewSilence, who: &Actor) -> Result<Written, StoreError> {
        let sql = "update alert set silenced_until = ?2, silenced_by = ?3 where key = ?1";
        let (key, until) = (silence.key().as_str(), silence.until().get());
        self.change(sql, values![key, until, who.as_str()]).await
    }

    async fn unsilence(&self, key: &AlertKey) -> Result<Written, StoreError> {
        let sql = "update alert set silenced_until = null, silenced_by = null \
                   where key = ?1 and silenced_until is not null";
        self.change(sql, values![key.as_str()]).await
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        let leased = concat!(
            "insert into notification (channel, key, due_at, attempts, lease) \
             select ?1, due.key, ?8, 1, 1 from (",
            due!(),
            ") as due where true \
             on conflict (channel, key) do update set due_at = excluded.due_at, \
                 attempts = attempts + 1, lease = lease + 1 \
             returning lease, attempts"
        );
        let (until, old) = (now.after(lease).get(), now.after(-NEWS_FOR).get());
        let (delay, delays, cause_every) =
            (END_DELAY.as_secs(), END_DELAYS_MAX, CAUSE_EVERY.as_secs());
        let own = channel_failing_key(channel);
        let due = values![channel, now.get(), old, delay, delays, cause_every, own.clone()];
        let leased_until = values![channel, now.get(), old, delay, delays, cause_every, own, until];
        let statements = [Statement::new(due!(), due), Statement::new(leased, leased_until)];
        let results = self.executor.write(Writing::Beside, &statements).await?;
        let Some(notification) = result_at(&results, 0)?.first(row_decode::notification)? else {
            return Ok(None);
        };
        let (lease, attempts) = result_at(&results, 1)?.one(row_decode::lease_and_attempts)?;
        Ok(Some(LeasedNotification { notification, lease, attempts }))
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let NotificationOutcome { key, lease, cause, notified, channel: result } = outcome;
        let key = key.as_str();
        let finish = match notified {
            Ok(action) => {
                // The cool-down starts when the channel was notified of the problem.
                let notified = "update notification set open = ?4, cause = ?6, \
                                notified_at = case when ?4 then ?5 else notified_at end, \
                                due_at = 0, attempts = 0 \
                            where channel = ?1 and key = ?2 and lease = ?3";
                let is_open = *action == Action::Trigger;
                Statement::new(
                    notified,
                    values![channel, key, lease.0, is_open, now.get(), cause.as_str()],
                )
            }
            Err(at) => {
                let again = "update notification set due_at = ?4 \
                             where channel = ?1 and key = ?2 and lease = ?3";
                Statement::new(again, values![channel, key, lease.0, at.get()])
            }
        };
        let mut statements = vec![finish];
        if let Some(result) = result {
            statements.push(channel_result(channel, result, now)?);
            if let Some(change) = result.change(channel) {
                statements.push(write::write_where(&change, now, &Statement::plain("true"))?);
            }
        }
        self.executor.write(Writing::Beside, &statements).await.map(drop)
    }

    async fn channels(&self) -> Result<Vec<ChannelRow>, StoreError> {
        let channels = "select name, taken_at, failed_at, failure, exists (select 1 from alert \
                            where key = 'channel_failing:' || channel.name and open) as failing \
                        from channel order by name";
        self.executor.read(Reading::Lookup, Statement::plain(channels), row_decode::channel).await
    }
}

fn channel_result<'v>(
    channel: &'v str,
    result: &ChannelResult,
    now: UnixSeconds,
) -> Result<Statement<'v>, StoreError> {
    Ok(match result {
        ChannelResult::Taken => {
            let taken = "insert into channel (name, taken_at) values (?1, ?2) on conflict (name) \
                         do update set taken_at = excluded.taken_at, failure = null";
            Statement::new(taken, values![channel, now.get()])
        }
        ChannelResult::Failed { why, .. } => {
            let failed = "insert into channel (name, failed_at, failure) values (?1, ?2, ?3) \
                          on conflict (name) do update set failed_at = excluded.failed_at, \
                              failure = excluded.failure";
            let why =
                serde_json::to_string(why).map_err(|it| StoreError::Failed(it.to_string()))?;
            Statement::new(failed, values![channel, now.get(), why])
        }
    })
}

/// Deletes the alerts that were resolved, or that occurred once, before then, with their
/// notifications.
pub(super) fn delete_ended(before: UnixSeconds) -> [Statement<'static>; 2] {
    let alerts = concat!("delete from alert where changed_at < ?1 and not ", goes_on!());
    let notifications = "delete from notification where key not in (select key from alert)";
    [Statement::new(alerts, values![before.get()]), Statement::plain(notifications)]
}
