//! Reading at Stripe: payouts, the balance, its lines, and the lines of each payout.
//!
//! A [`PayoutsRun`] goes in steps of one read each. It can be saved between any two steps and resumed
//! by any process: what was added is added once, and no payout is called read before its last page.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::facts::{Facts, FactsKind};
use crate::ids::ObjectId;
use crate::ledger::{self, Change, Payout};
use crate::payouts::{BalanceLine, PayoutRow, read_window};
use crate::ports::StoreError;
use crate::reconcile::{Observation, Reconciler};
use crate::stripe::page::{self, FetchedObject};
use crate::stripe::{LinesOf, PageCursor, Read, ReadError, Resource, Window};
use crate::time::UnixSeconds;

/// A payout whose lines could not be read is tried again after so long: four reads a day.
pub(super) const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// One reading, saved between its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutsRun {
    phase: ReadingPhase,
    livemode: bool,
    /// The payouts that are listed are those created within it.
    payouts: Window,
    /// The lines of the balance that are listed are those created within it.
    lines: Window,
    /// The resources that could not be read.
    pub unread: Vec<(Resource, ReadError)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReadingPhase {
    Payouts {
        after: Option<ObjectId>,
    },
    Balance,
    Lines {
        after: Option<ObjectId>,
    },
    /// The next payout whose lines can be read is looked up.
    NextPayout,
    LinesOf {
        payout: ObjectId,
        after: Option<ObjectId>,
        begun: UnixSeconds,
    },
    Ended,
}

impl PayoutsRun {
    /// Returns a run that lists the payouts and the lines created in these times, and then the lines of
    /// each payout that Stripe can name. The balance is read first; where the lines go up to now, they
    /// end at that second, so that both can be compared.
    #[must_use]
    pub fn new(payouts: Window, lines: Window, livemode: bool) -> Self {
        let phase = ReadingPhase::Payouts { after: None };
        Self { phase, livemode, payouts, lines, unread: Vec::new() }
    }

    /// Returns a run that reads only the lines of payouts that became known.
    #[must_use]
    pub fn of_payouts(livemode: bool) -> Self {
        let none = UnixSeconds::default();
        let none = Window { since: none, until: none };
        Self { phase: ReadingPhase::NextPayout, ..Self::new(none, none, livemode) }
    }

    /// True if there is nothing left to do.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.phase == ReadingPhase::Ended
    }

    /// Returns the name of what the present phase reads.
    #[must_use]
    pub fn progress(&self) -> &'static str {
        match self.phase {
            ReadingPhase::Payouts { .. } => Resource::Payouts.name(),
            ReadingPhase::Balance => Resource::Balance.name(),
            ReadingPhase::Lines { .. } | ReadingPhase::LinesOf { .. } => {
                Resource::BalanceLines.name()
            }
            ReadingPhase::NextPayout | ReadingPhase::Ended => "payouts",
        }
    }

    /// Returns the resources that the run reads.
    #[must_use]
    pub fn resources(&self) -> &'static [Resource] {
        if self.payouts.until == UnixSeconds::default() {
            return &[Resource::BalanceLines];
        }
        &[Resource::Payouts, Resource::Balance, Resource::BalanceLines]
    }

    fn unread(&mut self, resource: Resource, why: ReadError) {
        if !self.unread.iter().any(|(it, _)| *it == resource) {
            self.unread.push((resource, why));
        }
    }

    fn could_read(&self, resource: Resource) -> bool {
        !self.unread.iter().any(|(it, _)| *it == resource)
    }
}

impl Reconciler<'_> {
    /// Does the next step of a reading of payouts: one read at most. Does nothing after the end.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; the step can be repeated.
    pub async fn read_payouts(&self, run: &mut PayoutsRun) -> Result<(), StoreError> {
        match run.phase.clone() {
            ReadingPhase::Payouts { after } => self.payouts(run, after).await,
            ReadingPhase::Balance => self.balance(run).await,
            ReadingPhase::Lines { after } => self.lines(run, after).await,
            ReadingPhase::NextPayout => self.next_payout(run).await,
            ReadingPhase::LinesOf { payout, after, begun } => {
                self.lines_of(run, payout, after, begun).await
            }
            ReadingPhase::Ended => Ok(()),
        }
    }

    async fn payouts(
        &self,
        run: &mut PayoutsRun,
        after: Option<ObjectId>,
    ) -> Result<(), StoreError> {
        let read = Read::Payouts { window: run.payouts, cursor: cursor(after) };
        let fetched = self.stripe.read(&read).await;
        let page = fetched.and_then(|it| Ok((page::objects(&it, FactsKind::Payout)?, it.at)));
        run.phase = ReadingPhase::Balance;
        match page {
            Err(why) => run.unread(Resource::Payouts, why),
            Ok((page, at)) => {
                let (own, other): (Vec<_>, Vec<_>) =
                    page.items.into_iter().partition(|it| mode(&it.facts) == Some(run.livemode));
                if page.unreadable > 0 || !other.is_empty() {
                    run.unread(Resource::Payouts, ReadError::Unreadable);
                }
                let ids: Vec<_> =
                    own.iter().filter_map(|it| it.facts.object_id().cloned()).collect();
                let known = self.store.payouts_of(&ids).await?;
                let mut events = self.shown(run, own.into_iter().map(|it| it.facts), at);
                events.retain(|it| is_news(it, &known));
                self.repair(events).await?;
                if let Some(after) = page.last.filter(|_| page.has_more) {
                    run.phase = ReadingPhase::Payouts { after: Some(after) };
                }
            }
        }
        Ok(())
    }

    async fn balance(&self, run: &mut PayoutsRun) -> Result<(), StoreError> {
        let fetched = self.stripe.read(&Read::Balance).await;
        match fetched.and_then(|it| Ok((page::balance(&it, run.livemode)?, it.at))) {
            Err(why) => run.unread(Resource::Balance, why),
            Ok((readings, at)) => {
                self.store.keep_balance(&readings).await?;
                // Lines of the time after the reading are not in it.
                if run.lines.until > at {
                    run.lines.until = at.max(run.lines.since);
                }
            }
        }
        run.phase = ReadingPhase::Lines { after: None };
        Ok(())
    }

    async fn lines(&self, run: &mut PayoutsRun, after: Option<ObjectId>) -> Result<(), StoreError> {
        let read = Read::BalanceLines { of: LinesOf::Time(run.lines), cursor: cursor(after) };
        match self.page_of_lines(run, &read).await {
            Err(why) => run.unread(Resource::BalanceLines, why),
            Ok((page, at)) => {
                let after = self.add(run, page, None, at).await?;
                if let Some(after) = after {
                    run.phase = ReadingPhase::Lines { after: Some(after) };
                    return Ok(());
                }
                if run.could_read(Resource::BalanceLines) {
                    read_window::extend(self.store, run.livemode, run.lines, self.clock.now())
                        .await?;
                }
            }
        }
        run.phase = ReadingPhase::NextPayout;
        Ok(())
    }

    async fn next_payout(&self, run: &mut PayoutsRun) -> Result<(), StoreError> {
        let now = self.clock.now();
        let next = self.store.payouts_to_read(run.livemode, now.after(-AGAIN_AFTER), 1).await?;
        run.phase = match next.into_iter().next() {
            Some(payout) => ReadingPhase::LinesOf { payout, after: None, begun: now },
            None => ReadingPhase::Ended,
        };
        Ok(())
    }

    async fn lines_of(
        &self,
        run: &mut PayoutsRun,
        payout: ObjectId,
        after: Option<ObjectId>,
        begun: UnixSeconds,
    ) -> Result<(), StoreError> {
        let of = LinesOf::Payout(payout.clone());
        let read = Read::BalanceLines { of, cursor: cursor(after) };
        let unreadable = match self.page_of_lines(run, &read).await {
            Err(why) => Some(why),
            Ok((page, _)) if page.unreadable > 0 => Some(ReadError::Unreadable),
            Ok((page, at)) => {
                if let Some(after) = self.add(run, page, Some(&payout), at).await? {
                    run.phase = ReadingPhase::LinesOf { payout, after: Some(after), begun };
                    return Ok(());
                }
                None
            }
        };
        if let Some(why) = unreadable {
            run.unread(Resource::BalanceLines, why);
        }
        self.store.finish_reading(&payout, unreadable, begun, self.clock.now()).await?;
        // An error that stops all reads would stop the next one as well.
        let goes_on = unreadable.is_none_or(ReadError::is_of_one_object);
        run.phase = if goes_on { ReadingPhase::NextPayout } else { ReadingPhase::Ended };
        Ok(())
    }

    async fn page_of_lines(
        &self,
        run: &PayoutsRun,
        read: &Read,
    ) -> Result<(LinesPage, UnixSeconds), ReadError> {
        let fetched = self.stripe.read(read).await?;
        Ok((page::balance_lines(&fetched, run.livemode)?, fetched.at))
    }

    /// Adds the lines of a page, after what the ledger lacks of their sources. Returns the position of
    /// the next page, if there is one.
    async fn add(
        &self,
        run: &mut PayoutsRun,
        page: LinesPage,
        payout: Option<&ObjectId>,
        at: UnixSeconds,
    ) -> Result<Option<ObjectId>, StoreError> {
        if page.unreadable > 0 {
            run.unread(Resource::BalanceLines, ReadError::Unreadable);
        }
        let (lines, sources): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
        self.record_unknown(run, sources.into_iter().flatten().collect(), at).await?;
        if !lines.is_empty() {
            self.store.add_lines(&lines, payout, self.clock.now()).await?;
        }
        Ok(page.last.filter(|_| page.has_more))
    }

    /// Records the charges, refunds and disputes that the ledger does not have: a donation that no event
    /// reported is repaired before it is called unknown.
    async fn record_unknown(
        &self,
        run: &PayoutsRun,
        sources: Vec<Facts>,
        at: UnixSeconds,
    ) -> Result<(), StoreError> {
        let ids: Vec<_> = sources.iter().filter_map(|it| row_of(it).cloned()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let unknown = self.store.unknown_objects(&ids).await?;
        let missing =
            sources.into_iter().filter(|it| row_of(it).is_some_and(|id| unknown.contains(id)));
        self.repair(self.shown(run, missing, at)).await
    }

    /// Returns the events that report these objects as Stripe showed them at `at`.
    fn shown(
        &self,
        run: &PayoutsRun,
        objects: impl Iterator<Item = Facts>,
        at: UnixSeconds,
    ) -> Vec<Event> {
        let received_at = self.clock.now();
        let observation = Observation { at, received_at, livemode: run.livemode };
        let events = objects
            .filter_map(|facts| observation.events(&FetchedObject { facts, charge: None }).ok());
        events.flatten().collect()
    }
}

type LinesPage = page::Page<(BalanceLine, Option<Facts>), ObjectId>;

fn cursor(after: Option<ObjectId>) -> PageCursor<ObjectId> {
    after.map_or(PageCursor::First, PageCursor::After)
}

/// Returns the id of the row that the ledger has of a source.
fn row_of(source: &Facts) -> Option<&ObjectId> {
    if let Facts::Charge(it) = source {
        return it.payment_intent.get().or_else(|| it.id.get());
    }
    source.object_id()
}

/// True if the ledger has not the same of that payout: each day shows all of the last month again. One
/// that the ledger cannot take is left to its own events, which become dead and say so.
fn is_news(event: &Event, known: &[PayoutRow]) -> bool {
    let changes = ledger::changes(event).unwrap_or_default();
    changes.iter().any(|change| {
        let Change::Payout(seen) = change else { return true };
        let version = seen.version.clone();
        let is_same =
            |row: &PayoutRow| Payout { version: version.clone(), ..row.payout.clone() } == *seen;
        !known.iter().any(|row| row.payout.id == seen.id && is_same(row))
    })
}

fn mode(facts: &Facts) -> Option<bool> {
    if let Facts::Payout(it) = facts { it.livemode.get().copied() } else { None }
}
