//! The events of a run: listed from the oldest to the newest, and recorded if they are missing.

use std::sync::Arc;

use super::run::{EventScan, Phase, Run, ScanStep, Scope};
use super::{EVENTS_LISTED_FOR, Reconciler};
use crate::event::{Event, Origin, State};
use crate::event_types::{DAILY_TYPES, MONEY_TYPES};
use crate::ids::EventId;
use crate::ports::{Recorded, StoreError};
use crate::stripe::page::{self, Page};
use crate::stripe::{PageCursor, Read, ReadError, Resource, Window};
use crate::time::UnixSeconds;

/// The groups of types that Stripe is asked for one after another; those about money come first.
const GROUPS: [&[&str]; 2] = [&MONEY_TYPES, &DAILY_TYPES];

/// The number of seconds that the next request covers after a second that filled a page.
const SECONDS_AFTER_BUSY: i64 = 8;

impl Reconciler<'_> {
    pub(super) async fn events(&self, run: &mut Run, scan: EventScan) -> Result<(), StoreError> {
        let now = self.clock.now();
        let page = match self.stripe.read(&scan.read(run)).await {
            Ok(fetched) => page::events(&fetched, now),
            Err(why) => Err(why),
        };
        let next = match page {
            Ok(page) => {
                self.record_missing(run, &page).await?;
                scan.next(&page, run)
            }
            Err(why) => scan.after(why, run),
        };
        if let Some(scan) = &next {
            run.reached = scan.from;
        }
        run.phase = next.map_or_else(|| run.after_events(), Phase::Events);
        Ok(())
    }

    /// Records the missing events of a page, the oldest first.
    async fn record_missing(
        &self,
        run: &mut Run,
        page: &Page<Event, EventId>,
    ) -> Result<(), StoreError> {
        if page.unreadable > 0 {
            run.report.unread_resource(Resource::Events, ReadError::Unreadable);
        }
        let is_of_use = |it: &&Event| it.state == State::Processed;
        let events: Vec<_> = page.items.iter().rev().filter(is_of_use).cloned().collect();
        let recorded = self.record(events.clone()).await?;
        let known = |is_new: bool| {
            let pairs = events.iter().zip(&recorded);
            let wanted = pairs.filter(move |(_, it)| (**it == Recorded::Duplicate) != is_new);
            wanted.map(|(event, _)| event)
        };
        if let Some(last) = known(false).max_by_key(|it| it.created) {
            let last = self.store.event(&last.id).await?;
            let delivered = last.filter(|it| it.origin == Origin::Delivered).map(|it| it.created);
            run.newest_delivered = run.newest_delivered.max(delivered);
        }
        let new: Vec<_> = known(true).cloned().map(Arc::new).collect();
        if new.is_empty() {
            return Ok(());
        }
        // A missing snapshot is no gap if the endpoint receives thin events only.
        let has_thin_event = self.store.has_thin_event(&new).await?;
        for (event, _) in new.iter().zip(has_thin_event).filter(|(_, has_thin)| !has_thin) {
            // The endpoint may well not subscribe to the other types.
            if MONEY_TYPES.contains(&event.event_type.as_str()) {
                run.missed(event.created);
            }
        }
        Ok(())
    }
}

impl Run {
    fn missed(&mut self, created: UnixSeconds) {
        self.report.events_recorded += 1;
        self.oldest_missed = Some(self.oldest_missed.map_or(created, |it| it.min(created)));
        self.newest_missed = self.newest_missed.max(Some(created));
    }

    fn groups(&self) -> &'static [&'static [&'static str]] {
        match self.scope {
            Scope::Poll => &GROUPS[..1],
            Scope::Full => &GROUPS,
        }
    }
}

impl EventScan {
    /// Returns the start of a scan, which is never before the oldest event that Stripe lists.
    pub(super) fn new(since: UnixSeconds, now: UnixSeconds) -> Self {
        Self::of_group(0, since.max(now.after(-EVENTS_LISTED_FOR)), i64::MAX)
    }

    fn of_group(group: usize, from: UnixSeconds, seconds: i64) -> Self {
        Self { group, from, step: ScanStep::Seconds(seconds) }
    }

    fn read(&self, run: &Run) -> Read {
        let until = run.report.window.until;
        let next = |seconds: i64| {
            let seconds = jiff::SignedDuration::from_secs(seconds);
            Window { since: self.from, until: self.from.after(seconds).min(until) }
        };
        let types = run.groups().get(self.group).copied();
        debug_assert!(types.is_some(), "a run has a group {}", self.group);
        let types = types.unwrap_or_default();
        let all = Window { since: run.events_since, until };
        let (types, window, cursor) = match &self.step {
            // The calendar ends later than the integers, so the end is bounded first.
            ScanStep::Seconds(seconds) => {
                (types, next((*seconds).min(until.since(self.from))), PageCursor::First)
            }
            ScanStep::Second(after) => (types, next(1), PageCursor::After(after.clone())),
            ScanStep::Newer(before) => (types, all, PageCursor::Before(before.clone())),
            ScanStep::Plain(None) => (&[] as _, all, PageCursor::First),
            ScanStep::Plain(Some(after)) => (&[] as _, all, PageCursor::After(after.clone())),
        };
        Read::Events { types, window, cursor }
    }

    /// Returns the scan after `page`; `None` if all has been read.
    fn next(self, page: &Page<Event, EventId>, run: &Run) -> Option<Self> {
        let until = run.report.window.until;
        let ahead = until.since(self.from);
        let from = |seconds: i64| self.from.after(jiff::SignedDuration::from_secs(seconds));
        let (from, step) = match (&self.step, page.has_more) {
            (ScanStep::Seconds(1), true) => (self.from, ScanStep::Second(page.last.clone()?)),
            (ScanStep::Seconds(seconds), true) => {
                (self.from, ScanStep::Seconds((ahead.min(*seconds) / 2).max(1)))
            }
            (ScanStep::Seconds(seconds), false) if *seconds >= ahead => {
                return self.next_group(run);
            }
            (ScanStep::Seconds(seconds), false) => match &page.first {
                Some(newest) => (from(*seconds), ScanStep::Newer(newest.clone())),
                None => (from(*seconds), ScanStep::Seconds(seconds.saturating_mul(2))),
            },
            (ScanStep::Second(_), true) => (self.from, ScanStep::Second(page.last.clone()?)),
            (ScanStep::Second(_), false) if ahead <= 1 => return self.next_group(run),
            (ScanStep::Second(_), false) => (from(1), ScanStep::Seconds(SECONDS_AFTER_BUSY)),
            (ScanStep::Newer(_), true) => {
                let newest = page.items.first().map_or(self.from, |it| it.created);
                (newest.max(self.from), ScanStep::Newer(page.first.clone()?))
            }
            (ScanStep::Newer(_), false) => return self.next_group(run),
            (ScanStep::Plain(_), true) => (self.from, ScanStep::Plain(Some(page.last.clone()?))),
            (ScanStep::Plain(_), false) => return None,
        };
        Some(Self { from, step, ..self })
    }

    /// Returns the scan after a read that failed; `None` if it cannot continue.
    fn after(self, why: ReadError, run: &mut Run) -> Option<Self> {
        match (&self.step, why) {
            // The event is no longer listed.
            (ScanStep::Newer(_), ReadError::Refused { .. } | ReadError::NotFound) => {
                Some(Self { step: ScanStep::Seconds(SECONDS_AFTER_BUSY), ..self })
            }
            (ScanStep::Seconds(_), ReadError::Refused { .. }) if self.from == run.events_since => {
                Some(Self { step: ScanStep::Plain(None), ..self })
            }
            _ => {
                run.report.unread_resource(Resource::Events, why);
                None
            }
        }
    }

    fn next_group(self, run: &Run) -> Option<Self> {
        let group = self.group + 1;
        (group < run.groups().len()).then(|| Self::of_group(group, run.events_since, i64::MAX))
    }
}
