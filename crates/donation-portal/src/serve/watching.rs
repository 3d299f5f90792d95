//! The watch: looks at the service's numbers and raises alerts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portal_domain::alert::STORE_UNAVAILABLE;
use portal_domain::digest::{Day, Schedule, digest};
use portal_domain::text::Token;
use portal_domain::watch::{PAST, REFUSAL_WINDOW, Refusals, Thresholds, of_backlog, of_silence};
use portal_domain::{Alert, AlertChange, Store, StoreError, UnixSeconds};
use portal_http::Clock;

use crate::serve::counts::Counts;

/// How often it is looked.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many looks make the [`REFUSAL_WINDOW`].
const LOOKS_IN_WINDOW: usize = 60;
const _: () = assert!(
    REFUSAL_WINDOW.as_secs().unsigned_abs() == LOOK_EVERY.as_secs() * LOOKS_IN_WINDOW as u64
);

/// Every how many looks the past is read, which takes longer than the rest.
const LOOKS_BETWEEN_PASTS: usize = 60;

/// An alert that the store could not take, because it is about the store itself.
pub(crate) type Unstored = Mutex<Option<Alert>>;

/// What is looked at.
pub(crate) struct Watch {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) thresholds: Thresholds,
    pub(crate) digest: Option<Schedule>,
    pub(crate) unstored: Arc<Unstored>,
}

/// What is remembered from look to look.
#[derive(Default)]
pub(crate) struct Memory {
    looks: usize,
    refusals: VecDeque<Refusals>,
    /// Deliveries that could not be made durable since the trouble began, and why.
    unavailable: Option<(u64, &'static str)>,
    digested: Option<UnixSeconds>,
    /// Whether the last look failed, and that was said.
    failing: bool,
}

impl Watch {
    /// Looks once.
    pub(crate) async fn look(&self, memory: &mut Memory) {
        let now = self.clock.now();
        let counted = self.counts.take();
        memory.remember(counted.refusals);
        let fresh_trouble = counted.unavailable > 0;
        if let Some(reason) = counted.reason {
            let before = memory.unavailable.map_or(0, |(count, _)| count);
            memory.unavailable = Some((before + counted.unavailable, reason));
        }
        match self.find_and_raise(memory, fresh_trouble, now).await {
            Ok(digested) => {
                self.keep(None);
                memory.failing = false;
                memory.digested = digested;
                if !fresh_trouble {
                    memory.unavailable = None;
                }
            }
            Err(error) => {
                if !memory.failing {
                    tracing::error!(outcome = "not_watched", reason = error.name(), %error);
                }
                memory.failing = true;
                let (refused, reason) = memory.unavailable.unwrap_or_else(|| (0, error.name()));
                self.keep(store_unavailable(reason, refused));
            }
        }
        memory.looks += 1;
    }

    /// Tells of which day the last digest is.
    async fn find_and_raise(
        &self,
        memory: &Memory,
        fresh_trouble: bool,
        now: UnixSeconds,
    ) -> Result<Option<UnixSeconds>, StoreError> {
        let mut changes = vec![memory.sum().judge()];
        let trouble = memory.unavailable.and_then(|(count, why)| store_unavailable(why, count));
        changes.extend(trouble.map(AlertChange::Raise));
        if !fresh_trouble {
            changes.push(AlertChange::Resolve(STORE_UNAVAILABLE.into()));
        }
        changes.push(of_backlog(&self.store.backlog(now).await?, self.thresholds));
        if memory.looks.is_multiple_of(LOOKS_BETWEEN_PASTS) {
            let past = self.store.past(now.after(-PAST)).await?;
            changes.extend(of_silence(&past, now));
        }
        let day = self.digest.as_ref().and_then(|it| it.due(now));
        if let Some(day) = day.filter(|day| memory.digested != Some(day.since)) {
            changes.extend(self.digest_of(day, now).await?.map(AlertChange::Raise));
        }
        self.store.raise(&changes, now).await?;
        Ok(day.map(|day| day.since))
    }

    /// Nothing where no event came since the day began.
    async fn digest_of(&self, day: Day, now: UnixSeconds) -> Result<Option<Alert>, StoreError> {
        if self.store.past(day.since).await?.events == 0 {
            return Ok(None);
        }
        Ok(Some(Alert::Digest(digest(&*self.store, day, now).await?)))
    }

    fn keep(&self, unstored: Option<Alert>) {
        *self.unstored.lock().unwrap_or_else(PoisonError::into_inner) = unstored;
    }
}

impl Memory {
    fn remember(&mut self, refusals: Refusals) {
        self.refusals.push_back(refusals);
        if self.refusals.len() > LOOKS_IN_WINDOW {
            self.refusals.pop_front();
        }
    }

    fn sum(&self) -> Refusals {
        self.refusals.iter().fold(Refusals::default(), |sum, it| Refusals {
            wrong_secret: sum.wrong_secret + it.wrong_secret,
            clock: sum.clock + it.clock,
            malformed: sum.malformed + it.malformed,
        })
    }
}

fn store_unavailable(reason: &str, refused: u64) -> Option<Alert> {
    Some(Alert::StoreUnavailable { reason: Token::new(reason)?, refused })
}
