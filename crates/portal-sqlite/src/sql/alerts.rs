//! Statements on alerts and their notifications.

use jiff::SignedDuration;
use portal_domain::notify::NEWS_FOR;
use portal_domain::{Action, Alert, AlertChange, NotificationOutcome, StoreError, UnixSeconds};

use super::Statement;
use super::statement::values;

/// Writes a change of an alert.
///
/// # Errors
/// [`StoreError::Failed`] if the alert cannot be serialized.
pub fn write(change: &AlertChange, now: UnixSeconds) -> Result<Statement<'_>, StoreError> {
    write_where(change, now, &Statement::plain("true"))
}

/// Works like [`write()`] if `condition` holds.
pub(super) fn write_where<'v>(
    change: &AlertChange,
    now: UnixSeconds,
    condition: &Statement<'v>,
) -> Result<Statement<'v>, StoreError> {
    let end = "update alert set open = 0, changed_at = ?1 where open and key = ?2 and ";
    let mut end = Statement::new(end, values![now.get()]);
    match change {
        AlertChange::Raise(alert) => return raise_where(alert, now, condition),
        AlertChange::Resolve(key) => end.values.push(key.clone().into()),
        AlertChange::ResolveIfQuietSince { key, since } => {
            end.values.push(key.clone().into());
            // Keeps the alert open if a process noticed it at that time or later.
            end.add("changed_at < ? and ", Some(since.get()));
        }
    }
    end.append(condition);
    Ok(end)
}

/// Raises the alert if `condition` holds.
fn raise_where<'v>(
    alert: &Alert,
    now: UnixSeconds,
    condition: &Statement<'v>,
) -> Result<Statement<'v>, StoreError> {
    let body =
        serde_json::to_string(alert).map_err(|error| StoreError::Failed(error.to_string()))?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    let mut raise = Statement::new(
        "insert into alert (key, body, open, count, since, changed_at, cool_down) \
         select ?1, ?2, 1, 1, ?3, ?3, ?4 where ",
        values![alert.key(), body, now.get(), cool_down],
    );
    raise.append(condition);
    raise.push(
        " on conflict (key) do update set body = excluded.body, open = 1, \
            count = case when open then count + 1 else 1 end, \
            since = case when open then since else excluded.since end, \
            changed_at = excluded.changed_at, cool_down = excluded.cool_down",
    );
    Ok(raise)
}

/// Resolves the alert of that key, if it is open and no dead event is left.
pub(super) fn resolve_dead(key: &'static str, now: UnixSeconds) -> Statement<'static> {
    let resolve = "update alert set open = 0, changed_at = ?2 \
                   where key = ?1 and open and not exists (select 1 from event where state = 'dead')";
    Statement::new(resolve, values![key, now.get()])
}

/// Selects the next notification of channel `?1` as of `?2`, without changes at `?3` or before.
macro_rules! due {
    () => {
        "select a.key, a.body, a.open, a.count, a.since \
         from alert a left join notification n on n.channel = ?1 and n.key = a.key \
         where a.changed_at > ?3 and coalesce(n.due_at, 0) <= ?2 and ( \
             n.open is null \
             or not a.open and n.open \
             or a.open and not n.open and n.notified_at + coalesce(a.cool_down, 0) <= ?2 \
             or a.open and n.open and a.changed_at > n.notified_at \
                and n.notified_at + a.cool_down <= ?2) \
         order by a.changed_at, a.key limit 1"
    };
}

/// Leases a notification in two statements: the first returns the one that is due, in the order of
/// [`portal_domain::row_decode::notification`]; the second the numbers of the lease and of the
/// attempt.
#[must_use]
pub fn claim(channel: &str, lease: SignedDuration, now: UnixSeconds) -> [Statement<'_>; 2] {
    let leased = concat!(
        "insert into notification (channel, key, due_at, attempts, lease) \
         select ?1, due.key, ?4, 1, 1 from (",
        due!(),
        ") as due where true \
         on conflict (channel, key) do update set due_at = excluded.due_at, \
             attempts = attempts + 1, lease = lease + 1 \
         returning lease, attempts"
    );
    let (until, old) = (now.after(lease).get(), now.after(-NEWS_FOR).get());
    [
        Statement::new(due!(), values![channel, now.get(), old]),
        Statement::new(leased, values![channel, now.get(), old, until]),
    ]
}

/// Writes the outcome of a leased notification. The cool-down starts when the channel was notified
/// of the problem.
#[must_use]
pub fn finish<'v>(
    channel: &'v str,
    outcome: &'v NotificationOutcome,
    now: UnixSeconds,
) -> Statement<'v> {
    let NotificationOutcome { key, lease, notified } = outcome;
    match notified {
        Ok(action) => {
            let notified = "update notification set open = ?4, \
                            notified_at = case when ?4 then ?5 else notified_at end, \
                            due_at = 0, attempts = 0 \
                        where channel = ?1 and key = ?2 and lease = ?3";
            let there = *action == Action::Trigger;
            Statement::new(notified, values![channel, key.as_str(), lease.0, there, now.get()])
        }
        Err(at) => {
            let again = "update notification set due_at = ?4 \
                         where channel = ?1 and key = ?2 and lease = ?3";
            Statement::new(again, values![channel, key.as_str(), lease.0, at.get()])
        }
    }
}

/// Returns the last alerts, in the order of [`portal_domain::row_decode::alert`], with the channels
/// that were notified of their present state.
#[must_use]
pub fn list(limit: u32) -> Statement<'static> {
    let list = "select key, body, open, count, since, changed_at, \
                    (select group_concat(channel, ',') from \
                        (select channel from notification n where n.key = a.key and n.open = a.open \
                         order by channel)) as notified \
                from alert a order by changed_at desc, key limit ?1";
    Statement::new(list, values![limit])
}

/// Deletes the alerts that were resolved, or that occurred once, before then, with their
/// notifications. Of the alerts that are notified once, only disputes are resolved.
pub(super) fn prune(before: UnixSeconds) -> [Statement<'static>; 2] {
    let alerts = "delete from alert where changed_at < ?1 \
                  and (not open or cool_down is null and body ->> 'kind' <> 'dispute')";
    let notifications = "delete from notification where key not in (select key from alert)";
    [Statement::new(alerts, values![before.get()]), Statement::plain(notifications)]
}
