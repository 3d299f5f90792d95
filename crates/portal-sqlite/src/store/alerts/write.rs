//! Statements that write alerts.

use portal_domain::alert::EVENT_DEAD;
use portal_domain::notify::SERIES;
use portal_domain::{Acknowledgement, Alert, AlertChange, StoreError, UnixSeconds, stored_json};

use crate::sql::{Statement, values};

/// Writes a change of an alert if `condition` holds.
pub(in crate::store) fn write_where<'v>(
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

/// In the text of the statement, because the condition's values have no numbers. So is the key of the
/// alert about dead events, which is raised for another event only.
const _: () = assert!(SERIES.as_secs() == 86_400);

/// Raises the alert if `condition` holds.
fn raise_where<'v>(
    alert: &Alert,
    now: UnixSeconds,
    condition: &Statement<'v>,
) -> Result<Statement<'v>, StoreError> {
    let body = stored_json(alert)?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    let mut raise = Statement::new(
        "insert into alert (key, body, cause, open, count, since, changed_at, times, first_at, cool_down) \
         select ?1, ?2, ?3, 1, 1, ?4, ?6, 1, ?4, ?5 where ",
        values![
            alert.key(),
            body,
            alert.cause().to_owned(),
            alert.began_at(now).get(),
            cool_down,
            now.get()
        ],
    );
    raise.append(condition);
    raise.push(
        " on conflict (key) do update set body = excluded.body, cause = excluded.cause, open = 1, \
            count = case when open then count + 1 else 1 end, \
            since = case when open then since else excluded.since end, \
            times = case when open then times \
                when excluded.since - first_at < 86400 then times + 1 else 1 end, \
            first_at = case when open or excluded.since - first_at < 86400 \
                then first_at else excluded.since end, \
            acknowledged_at = case when open and key <> 'event_dead' then acknowledged_at end, \
            acknowledged_by = case when open and key <> 'event_dead' then acknowledged_by end, \
            changed_at = excluded.changed_at, cool_down = excluded.cool_down",
    );
    Ok(raise)
}

/// Ends the alert about dead events, if it is open and no event is dead, nor retried and without its
/// object.
pub(in crate::store) fn resolve_dead(now: UnixSeconds) -> Statement<'static> {
    let resolve = "update alert set open = 0, changed_at = ?2 \
                   where key = ?1 and open \
                     and not exists (select 1 from event where state = 'dead') \
                     and not exists (select 1 from event where reason = 'was_dead')";
    Statement::new(resolve, values![EVENT_DEAD, now.get()])
}

/// Acknowledges the alert about dead events, if every one is acknowledged.
pub(in crate::store) fn acknowledge_dead(seen: &Acknowledgement) -> Statement<'_> {
    let acknowledge = "update alert set acknowledged_at = ?2, acknowledged_by = ?3 \
                       where key = ?1 and open and acknowledged_at is null and not exists ( \
                           select 1 from event where state = 'dead' \
                           and not exists (select 1 from acknowledgement a where a.seq = event.seq))";
    Statement::new(acknowledge, values![EVENT_DEAD, seen.at.get(), seen.by.as_str()])
}
