//! The watch: what is wrong now, and whether the digest is due.
//!
//! Nothing is remembered from minute to minute: the next one may be another isolate's.

use jiff::SignedDuration;
use portal_domain::alert::{SIGNATURE_REFUSALS, STORE_UNAVAILABLE};
use portal_domain::digest::{Day, Schedule, digest};
use portal_domain::watch::{PAST, REFUSAL_WINDOW, of_silence};
use portal_domain::{Alert, AlertChange, Store, StoreError, UnixSeconds};

/// How often the past is read, which costs more than the rest.
const PAST_EVERY_SECONDS: i64 = 3600;

/// How long it is tried to make a digest from when it was due.
const DIGEST_WITHIN: SignedDuration = SignedDuration::from_hours(1);

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
    let subside = |key: &str| AlertChange::Subside { key: key.into(), since };
    let mut changes = vec![subside(SIGNATURE_REFUSALS), subside(STORE_UNAVAILABLE)];
    if begins_an_hour(now) {
        let past = store.past(now.after(-PAST)).await?;
        changes.extend(of_silence(&past, now));
    }
    if let Some(day) = schedule.and_then(|it| just_due(it, now)) {
        changes.extend(digest_of(store, day, now).await?.map(AlertChange::Raise));
    }
    Ok(changes)
}

/// Nothing where there is one, or where no event came since the day began and nothing is to be said.
async fn digest_of(
    store: &dyn Store,
    day: Day,
    now: UnixSeconds,
) -> Result<Option<Alert>, StoreError> {
    let date = day.date.to_string();
    let is_of_day =
        |alert: &Alert| matches!(alert, Alert::Digest(digest) if digest.day.as_str() == date);
    let made = store.alerts(ALERTS_MAX).await?.iter().any(|it| is_of_day(&it.alert));
    if made {
        return Ok(None);
    }
    let digest = digest(store, day, now).await?;
    let silent = digest.is_empty() && store.past(day.since).await?.events == 0;
    Ok((!silent).then_some(Alert::Digest(digest)))
}

/// The day whose digest has become due within [`DIGEST_WITHIN`].
fn just_due(schedule: &Schedule, now: UnixSeconds) -> Option<Day> {
    let before = schedule.due(now.after(-DIGEST_WITHIN));
    schedule.due(now).filter(|day| before != Some(*day))
}

/// True in one minute of each hour.
fn begins_an_hour(now: UnixSeconds) -> bool {
    now.get().rem_euclid(PAST_EVERY_SECONDS) < 60
}

#[cfg(test)]
mod tests;
