//! The monitor raises alerts about the service, ends them, and makes the digest.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::alert::{SIGNATURE_REFUSALS, STORE_UNAVAILABLE, channel_failing_key};
use portal_domain::connected_accounts;
use portal_domain::digest::{Schedule, digest};
use portal_domain::log_names::LogOutcome;
use portal_domain::monitor::{PAST, of_silence};
use portal_domain::time::Day;
use portal_domain::{
    Alert, AlertChange, AlertFilter, Clock, OperatorAction, Selection, Store, StoreError,
    UnixSeconds,
};

use crate::troubles::{QUIET, Troubles};

/// The interval at which the history of deliveries is judged: that reads a row for each hour of four weeks, and
/// D1's plans count rows.
const HISTORY_EVERY_SECONDS: i64 = 3600;

/// In how much of each hour a process begins with that which does not know when it was done last. A
/// Worker's cron comes once in it.
const HISTORY_WITHIN_SECONDS: i64 = 60;

/// The time for which deciding upon a due digest is tried each minute; later that is tried
/// once an hour, until the next one is due.
const DIGEST_EACH_MINUTE_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The number of alerts searched for a digest that was made already. One that is not among them is
/// raised again, and no channel is notified of it a second time.
const ALERTS_SEARCHED: u32 = 100;

/// Monitors the service for one process, or one isolate.
pub struct Monitor {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    troubles: Arc<Troubles>,
    digest: Option<Schedule>,
    /// The names of the channels, where they are known.
    channels: Option<Vec<String>>,
    state: Mutex<MonitorState>,
    /// The alert that the store could not take, because it is about the store itself.
    unstored: Mutex<Option<Alert>>,
}

/// The memory of a process between ticks. Nothing rests on it: a process that has forgotten it
/// reads more, and comes to the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonitorState {
    /// The time at which the store last took the changes of a tick.
    looked_at: Option<UnixSeconds>,
    /// The hour, since 1970, whose beginning the history was last judged at.
    judged_hour: Option<i64>,
    /// The first second of the day whose digest is decided upon.
    decided: Option<UnixSeconds>,
    /// The process has just started.
    starting: bool,
}

impl MonitorState {
    /// The state of a process that has just started, and is no isolate of many: it judges the history
    /// and the digest at once, and ends nothing before it has looked twice.
    #[must_use]
    pub fn starting() -> Self {
        Self { looked_at: Some(UnixSeconds::default()), starting: true, ..Self::default() }
    }
}

impl Monitor {
    /// Monitors `store` and what `troubles` counts, from `state` on.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        troubles: Arc<Troubles>,
        digest: Option<Schedule>,
        state: MonitorState,
    ) -> Self {
        Self {
            store,
            clock,
            troubles,
            digest,
            channels: None,
            state: Mutex::new(state),
            unstored: Mutex::default(),
        }
    }

    /// Ends what is told about channels that are none of `names`: nobody sends to them any more.
    #[must_use]
    pub fn with_channels(self, names: Vec<String>) -> Self {
        Self { channels: Some(names), ..self }
    }

    /// Raises and ends all that is to be raised or ended now. To be called each minute at least.
    pub async fn tick(&self) {
        self.troubles.log_rejections();
        let (now, before) = (self.clock.now(), self.state().clone());
        let news = self.troubles.take(now);
        match self.find_and_raise(before, news, now).await {
            Ok(after) => {
                *self.state() = after;
                self.stored();
            }
            Err(error) => self.store_failed(&error),
        }
    }

    /// Raises what requests have shown since the last tick, if anything.
    pub async fn raise_news(&self) {
        let now = self.clock.now();
        let news: Vec<_> = self.troubles.take(now).into_iter().map(AlertChange::Raise).collect();
        if news.is_empty() {
            return;
        }
        match self.store.raise(&news, now).await {
            Ok(()) => self.stored(),
            Err(error) => self.store_failed(&error),
        }
    }

    /// The store has failed, or a host has not waited for it any longer.
    pub fn store_failed(&self, error: &StoreError) {
        let alert = self.troubles.store_failed(error);
        let before = std::mem::replace(&mut *self.unstored_alert(), alert);
        if before.is_none() {
            tracing::error!(
                outcome = LogOutcome::MonitorFailed.name(),
                reason = error.name(),
                %error,
                "the store does not take what the monitor has found"
            );
        }
    }

    /// The alert that is to be notified without the store, as long as the store takes nothing.
    #[must_use]
    pub fn unstored(&self) -> Option<Alert> {
        self.unstored_alert().clone()
    }

    async fn find_and_raise(
        &self,
        before: MonitorState,
        news: Vec<Alert>,
        now: UnixSeconds,
    ) -> Result<MonitorState, StoreError> {
        let (store, digest) = (&*self.store, self.digest.as_ref());
        let (starting, judged) = (before.starting, before.judged_hour);
        let (mut changes, after) = look(store, digest, before, news, now).await?;
        let hourly = starting || after.judged_hour != judged;
        if let Some(names) = self.channels.as_ref().filter(|_| hourly) {
            let others = store.channels().await?.into_iter();
            let others = others.filter(|it| it.is_failing && !names.contains(&it.name));
            changes.extend(others.map(|it| AlertChange::Resolve(channel_failing_key(&it.name))));
        }
        if !changes.is_empty() {
            store.raise(&changes, now).await?;
        }
        Ok(after)
    }

    fn stored(&self) {
        self.troubles.stored();
        *self.unstored_alert() = None;
    }

    fn state(&self) -> MutexGuard<'_, MonitorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unstored_alert(&self) -> MutexGuard<'_, Option<Alert>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the changes at `now`, beside `news`, and the state after them.
async fn look(
    store: &dyn Store,
    schedule: Option<&Schedule>,
    before: MonitorState,
    news: Vec<Alert>,
    now: UnixSeconds,
) -> Result<(Vec<AlertChange>, MonitorState), StoreError> {
    // Counted from the last tick that the store took: while it takes nothing, nobody can say what goes
    // on. A process that remembers no tick has to take it that there was one just now.
    let since = before.looked_at.unwrap_or(now).min(now).after(-QUIET);
    let has_ended = |key: &&&str| !news.iter().any(|it| it.key() == ***key);
    let mut changes: Vec<_> = [SIGNATURE_REFUSALS, STORE_UNAVAILABLE]
        .iter()
        .filter(has_ended)
        .map(|key| AlertChange::ResolveIfQuietSince { key: (*key).into(), since })
        .collect();
    let hour = now.get() / HISTORY_EVERY_SECONDS;
    let hourly = before.starting
        || match before.judged_hour {
            Some(judged) => judged != hour,
            None => now.get() % HISTORY_EVERY_SECONDS < HISTORY_WITHIN_SECONDS,
        };
    if hourly {
        let history = store.delivery_history(now.after(-PAST)).await?;
        changes.extend(of_silence(&history, now));
        changes.extend(connected_accounts::change(&history, now));
    }
    let mut after = MonitorState {
        looked_at: Some(now),
        judged_hour: if hourly { Some(hour) } else { before.judged_hour },
        starting: false,
        ..before
    };
    if let Some((day, at_first)) = undecided(schedule, &before, hourly, now) {
        changes.extend(digest_of(store, day, at_first, now).await?.map(AlertChange::Raise));
        after.decided = Some(day.since);
    }
    changes.extend(news.into_iter().map(AlertChange::Raise));
    Ok((changes, after))
}

/// The day whose digest is to be decided upon at `now`, and whether that is when it is due, or at a
/// start.
fn undecided(
    schedule: Option<&Schedule>,
    before: &MonitorState,
    hourly: bool,
    now: UnixSeconds,
) -> Option<(Day, bool)> {
    let schedule = schedule?;
    let day = schedule.due(now)?;
    if before.decided == Some(day.since) {
        return None;
    }
    let just_due = schedule.due(now.after(-DIGEST_EACH_MINUTE_FOR)) != Some(day);
    let at_first = just_due || before.starting;
    (at_first || hourly).then_some((day, at_first))
}

/// The digest of `day`, unless it is made already, the first event ever was recorded after it, or no event came
/// since that day began and nothing is to be said. Whether any came is asked first: that reads the
/// fewest rows. A day without events that was not decided upon `at_first` has none: nothing is written
/// down that would say so later.
async fn digest_of(
    store: &dyn Store,
    day: Day,
    at_first: bool,
    now: UnixSeconds,
) -> Result<Option<Alert>, StoreError> {
    let history = store.delivery_history(day.since).await?;
    let quiet = history.events == 0;
    if quiet && !at_first {
        return Ok(None);
    }
    let date = day.date.to_string();
    let is_of_day =
        |alert: &Alert| matches!(alert, Alert::Digest(digest) if digest.day.as_str() == date);
    if store.alerts(AlertFilter::All, ALERTS_SEARCHED).await?.iter().any(|it| is_of_day(&it.alert))
    {
        return Ok(None);
    }
    let first = match history.first_received_at {
        Some(at) if at < day.until => Some(at),
        // Perhaps the database is younger than the day; only then all of the past is read.
        Some(_) => store.delivery_history(UnixSeconds::default()).await?.first_received_at,
        // `reconcile` may have filled a new one.
        None => first_recorded_at(store).await?,
    };
    if first.is_some_and(|at| at >= day.until) {
        return Ok(None);
    }
    let digest = digest(store, day, now).await?;
    Ok((!quiet || !digest.is_empty()).then_some(Alert::Digest(digest)))
}

/// Returns the time at which the first event that is still in the inbox was recorded.
async fn first_recorded_at(store: &dyn Store) -> Result<Option<UnixSeconds>, StoreError> {
    let all = Selection::default();
    let first = store.events_for(OperatorAction::Reprocess, &all, None, 1).await?;
    Ok(first.first().map(|it| it.received_at))
}
