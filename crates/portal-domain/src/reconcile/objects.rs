//! The objects of a run: Stripe's payments and invoices, compared with the ledger.

use super::Reconciler;
use super::compare::{Expected, has_released};
use super::run::{Mismatch, Phase, Run};
use super::synthetic_event::Observation;
use crate::donation::{Donation, DonationState};
use crate::event::Event;
use crate::facts::{Facts, FactsKind};
use crate::ids::ObjectId;
use crate::ports::StoreError;
use crate::report::Difference;
use crate::stripe::page::{self, FetchedObject};
use crate::stripe::{Fetched, List, PageCursor, Read, ReadError, Resource};
use crate::time::UnixSeconds;

/// The rest of a comparison.
pub(super) struct Compared {
    /// The number of donations that Stripe shows, without the payments in `unknown`.
    pub(super) shown: u64,
    /// The payments of which it is unknown if they belong to an invoice.
    pub(super) unknown: Vec<Mismatch>,
}

impl Reconciler<'_> {
    /// Reads and compares one page of a list.
    pub(super) async fn objects(
        &self,
        run: &mut Run,
        list: List,
        after: Option<ObjectId>,
    ) -> Result<(), StoreError> {
        let cursor = after.map_or(PageCursor::First, PageCursor::After);
        let read = Read::Objects { list, window: run.report.window, cursor };
        let page = match self.stripe.read(&read).await {
            Ok(fetched) => page::objects(&fetched, kind(list))
                .map(|page| (page, self.observation(run, &fetched))),
            Err(why) => Err(why),
        };
        let (page, observation) = match page {
            Ok(page) => page,
            Err(why) => {
                run.report.unread_resource(list.resource(), why);
                run.phase = run.after_list(list);
                return Ok(());
            }
        };
        if page.unreadable > 0 {
            run.report.unread_resource(list.resource(), ReadError::Unreadable);
        }
        let payments = match list {
            List::InvoicePayments => {
                self.links(run, &page.items, observation).await?;
                Vec::new()
            }
            List::Refunds | List::Disputes => {
                self.taken(run, &page.items, observation).await?;
                Vec::new()
            }
            List::Invoices | List::PaymentIntents => {
                let compared = self.compare(run, &page.items, observation).await?;
                run.report.shown += compared.shown;
                compared.unknown
            }
        };
        run.reached = page.items.last().and_then(made_at).unwrap_or(run.report.window.until);
        let after = page.last.filter(|_| page.has_more);
        run.phase = match (payments.is_empty(), after) {
            (false, after) => Phase::Invoiced { after, payments },
            (true, Some(after)) => Phase::Objects { list, after: Some(after) },
            (true, None) => run.after_list(list),
        };
        Ok(())
    }

    /// Compares objects with the ledger, and repairs it.
    pub(super) async fn compare(
        &self,
        run: &mut Run,
        seen: &[FetchedObject],
        observation: Observation,
    ) -> Result<Compared, StoreError> {
        let ids: Vec<_> = seen.iter().filter_map(|it| it.facts.object_id()).cloned().collect();
        let here = self.store.donations_of(&ids).await?;
        let (mut repairs, mut equal, mut differ) = (Vec::new(), Vec::new(), Vec::new());
        for (seen, here) in seen.iter().zip(&here) {
            match judged(seen, observation, here.as_ref()) {
                Ok((judged, events)) => {
                    repairs.extend(events);
                    match judged {
                        Judged::Nothing => {}
                        Judged::Equal(expected) => equal.push(expected),
                        Judged::Differs(mismatch) => differ.push(mismatch),
                    }
                }
                Err(why) => run.report.unread_resource(Resource::at(seen.facts.kind()), why),
            }
        }
        self.confirm(&equal).await?;
        self.repair(repairs).await?;
        let mut compared = Compared { shown: equal.len() as u64, unknown: Vec::new() };
        self.judge_all(run, differ, &mut compared).await?;
        Ok(compared)
    }

    /// Checks the repaired donations, except the payments of which it is unknown if they belong to
    /// an invoice.
    async fn judge_all(
        &self,
        run: &mut Run,
        differ: Vec<Mismatch>,
        compared: &mut Compared,
    ) -> Result<(), StoreError> {
        let ids: Vec<_> = differ.iter().map(|it| it.expected.id.clone()).collect();
        let mut known = Vec::new();
        for (mismatch, here) in differ.into_iter().zip(self.store.donations_of(&ids).await?) {
            let by_itself = here.as_ref().is_none_or(|here| here.id == mismatch.expected.id);
            if by_itself && here.as_ref().is_some_and(|here| here.provisional) {
                compared.unknown.push(mismatch);
                continue;
            }
            compared.shown += u64::from(by_itself && mismatch.expected.state.is_some());
            // A payment that proved to belong to an invoice was not missing by itself; if its
            // amount still differs, other invoices have a share of it.
            let repaired = match mismatch.difference {
                Difference::Amount | Difference::Refunded => {
                    mismatch.expected.differs(here.as_ref()).is_none()
                }
                Difference::MissingHere
                | Difference::MissingThere
                | Difference::State
                | Difference::Kind
                | Difference::Provisional
                | Difference::CountedTwice => false,
            };
            if by_itself || repaired {
                known.push((mismatch, here));
            }
        }
        self.judge(run, known).await
    }

    /// Checks repaired donations against the present ledger.
    async fn judge(
        &self,
        run: &mut Run,
        repaired: Vec<(Mismatch, Option<Donation>)>,
    ) -> Result<(), StoreError> {
        let mut right = Vec::new();
        for (mismatch, here) in repaired {
            let Mismatch { expected, difference } = &mismatch;
            if expected.differs(here.as_ref()).is_some() {
                run.recheck(mismatch);
                continue;
            }
            // A provisional donation is no difference, because nobody could have known more.
            if *difference != Difference::Provisional {
                run.report.found(expected.id.clone(), *difference, true);
            }
            right.push(mismatch.expected);
        }
        self.confirm(&right).await
    }

    /// Unpaid donations may be paid later, so they stay unconfirmed and are compared again.
    async fn confirm(&self, right: &[Expected]) -> Result<(), StoreError> {
        let paid = right.iter().filter(|it| it.state == Some(DonationState::Paid));
        let paid: Vec<_> = paid.map(|it| it.id.clone()).collect();
        if paid.is_empty() {
            return Ok(());
        }
        self.store.confirm(&paid, self.clock.now()).await
    }

    /// Checks one donation after its repair.
    pub(super) async fn judge_one(
        &self,
        run: &mut Run,
        mismatch: Mismatch,
    ) -> Result<(), StoreError> {
        let here = self.store.donation(&mismatch.expected.id).await?;
        self.judge(run, vec![(mismatch, here)]).await
    }

    /// Records the observed objects.
    pub(crate) async fn repair(&self, events: Vec<Event>) -> Result<(), StoreError> {
        if events.is_empty() { Ok(()) } else { self.record(events).await.map(drop) }
    }

    pub(super) fn observation(&self, run: &Run, fetched: &Fetched) -> Observation {
        let (at, received_at) = (fetched.at, self.clock.now());
        Observation { at, received_at, livemode: run.report.livemode }
    }
}

enum Judged {
    Nothing,
    Equal(Expected),
    Differs(Mismatch),
}

/// Compares an object with its donation here. Returns the difference and the events to record.
fn judged(
    seen: &FetchedObject,
    observation: Observation,
    here: Option<&Donation>,
) -> Result<(Judged, Vec<Event>), ReadError> {
    let mut events = observation.events(seen)?;
    let expected = Expected::of(&events).ok_or(ReadError::Unreadable)?;
    let by_itself = here.is_some_and(|here| here.id == expected.id);
    let judged = match expected.differs(here) {
        Some(difference) => {
            return Ok((Judged::Differs(Mismatch { expected, difference }), events));
        }
        None if by_itself => Judged::Equal(expected),
        None => Judged::Nothing,
    };
    events.retain(has_released);
    Ok((judged, events))
}

fn made_at(seen: &FetchedObject) -> Option<UnixSeconds> {
    match &seen.facts {
        Facts::PaymentIntent(facts) => facts.created.get().copied(),
        Facts::Invoice(facts) => facts.created.get().copied(),
        Facts::InvoicePayment(facts) => facts.created.get().copied(),
        Facts::Refund(facts) => facts.created.get().copied(),
        Facts::Dispute(facts) => facts.created.get().copied(),
        Facts::Charge(facts) => facts.created.get().copied(),
        Facts::Payout(facts) => facts.created.get().copied(),
        Facts::CheckoutSession(_)
        | Facts::CreditNote(_)
        | Facts::Subscription(_)
        | Facts::NoInvoice(_) => None,
    }
}

fn kind(list: List) -> FactsKind {
    match list {
        List::InvoicePayments => FactsKind::InvoicePayment,
        List::Invoices => FactsKind::Invoice,
        List::PaymentIntents => FactsKind::PaymentIntent,
        List::Refunds => FactsKind::Refund,
        List::Disputes => FactsKind::Dispute,
    }
}
