//! The watch: what is wrong now, and whether the digest is due.
//!
//! Nothing is remembered from minute to minute: the next one may be another isolate's.

use jiff::SignedDuration;
use portal_domain::alert::{SIGNATURE_REFUSALS, STORE_UNAVAILABLE};
use portal_domain::connected_accounts;
use portal_domain::digest::{Day, Schedule, digest};
use portal_domain::monitor::{PAST, REFUSAL_WINDOW, of_silence};
use portal_domain::{Alert, AlertChange, Store, StoreError, UnixSeconds};

/// How often silence is looked for: that reads a row for each hour of four weeks, and D1's free plan
/// counts rows.
const PAST_EVERY_SECONDS: i64 = 3600;

/// How long it is tried to make a digest from when it was due.
const DIGEST_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// The same for a day without deliveries. Most of these have no digest, and nothing is written down
/// that would say so to the next minute.
const QUIET_DIGEST_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// How many alerts are searched for a digest of the last hour.
const ALERTS_MAX: u32 = 100;

/// What is to be raised or ended at `now`.
///
/// # Errors
/// Where the store failed.
pub(crate) async fn changes(
    store: &dyn Store,
    schedule: Option<&Schedule>,
    now: UnixSeconds,
) -> Result<Vec<AlertChange>, StoreError> {
    // What isolates notice by themselves has ended when none has noticed it for so long.
    let since = now.after(-REFUSAL_WINDOW);
    let subside = |key: &str| AlertChange::ResolveIfQuietSince { key: key.into(), since };
    let mut changes = vec![subside(SIGNATURE_REFUSALS), subside(STORE_UNAVAILABLE)];
    if begins_an_hour(now) {
        let past = store.delivery_history(now.after(-PAST)).await?;
        changes.extend(of_silence(&past, now));
        changes.extend(connected_accounts::change(&past, now));
    }
    if let Some(schedule) = schedule {
        changes.extend(digest_due(store, schedule, now).await?.map(AlertChange::Raise));
    }
    Ok(changes)
}

/// The digest that has become due and is not there yet, unless no event came since its day began and
/// nothing is to be said. Whether any came is asked first: that reads the fewest rows.
async fn digest_due(
    store: &dyn Store,
    schedule: &Schedule,
    now: UnixSeconds,
) -> Result<Option<Alert>, StoreError> {
    let Some(day) = just_due(schedule, now, DIGEST_WITHIN) else { return Ok(None) };
    let quiet = store.delivery_history(day.since).await?.events == 0;
    if quiet && just_due(schedule, now, QUIET_DIGEST_WITHIN).is_none() {
        return Ok(None);
    }
    if is_made(store, day).await? {
        return Ok(None);
    }
    let digest = digest(store, day, now).await?;
    Ok((!quiet || !digest.is_empty()).then_some(Alert::Digest(digest)))
}

async fn is_made(store: &dyn Store, day: Day) -> Result<bool, StoreError> {
    let date = day.date.to_string();
    let is_of_day =
        |alert: &Alert| matches!(alert, Alert::Digest(digest) if digest.day.as_str() == date);
    Ok(store.alerts(ALERTS_MAX).await?.iter().any(|it| is_of_day(&it.alert)))
}

/// The day whose digest has become due so short a time ago.
fn just_due(schedule: &Schedule, now: UnixSeconds, within: SignedDuration) -> Option<Day> {
    let before = schedule.due(now.after(-within));
    schedule.due(now).filter(|day| before != Some(*day))
}

/// True in one minute of each hour.
fn begins_an_hour(now: UnixSeconds) -> bool {
    now.get().rem_euclid(PAST_EVERY_SECONDS) < 60
}

#[cfg(test)]
mod tests;
