//! Finds the invoice of a payment, by Stripe's list of links or by a lookup for one payment.

use super::Reconciler;
use super::run::{Mismatch, Phase, Run};
use super::synthetic_event::Observation;
use crate::event::Event;
use crate::facts::{Facts, FactsKind};
use crate::ids::ObjectId;
use crate::ports::StoreError;
use crate::stripe::page::{self, FetchedObject};
use crate::stripe::{Fetched, List, Read, ReadError, Resource};

/// The answer if a payment belongs to an invoice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Invoiced {
    Yes,
    No,
}

impl Reconciler<'_> {
    /// Records the links of a page that the ledger lacks.
    pub(super) async fn links(
        &self,
        run: &mut Run,
        seen: &[FetchedObject],
        observation: Observation,
    ) -> Result<(), StoreError> {
        let links: Vec<_> = seen.iter().filter_map(|it| Some((it, link(&it.facts)?))).collect();
        let payments: Vec<_> = links.iter().map(|(_, (payment, _))| payment.clone()).collect();
        let here = self.store.donations_of(&payments).await?;
        let (mut repairs, mut twice) = (Vec::new(), Vec::new());
        for ((seen, (payment, invoice)), here) in links.into_iter().zip(here) {
            if here.as_ref().is_some_and(|here| here.id == invoice) {
                continue;
            }
            match observation.events(seen) {
                Ok(events) => repairs.extend(events),
                Err(why) => run.report.unread_resource(Resource::InvoicePayments, why),
            }
            twice.extend(
                here.filter(|here| here.id == payment && !here.provisional).map(|it| it.id),
            );
        }
        self.repair(repairs).await?;
        run.twice.extend(twice);
        Ok(())
    }

    /// Looks up the invoice of one payment of a page.
    pub(super) async fn invoiced(
        &self,
        run: &mut Run,
        after: Option<ObjectId>,
        mut payments: Vec<Mismatch>,
    ) -> Result<(), StoreError> {
        let Some(mismatch) = payments.pop() else {
            run.phase = match after {
                Some(after) => Phase::Objects { list: List::PaymentIntents, after: Some(after) },
                None => run.after_list(List::PaymentIntents),
            };
            return Ok(());
        };
        match self.look_up(run, &mismatch.expected.id).await? {
            Ok(Invoiced::Yes) => {}
            Ok(Invoiced::No) => {
                run.report.shown += 1;
                self.judge_one(run, mismatch).await?;
            }
            Err(why) => {
                run.report.unread_resource(Resource::InvoicePayments, why);
                // Other errors would fail the next read as well.
                let goes_on = why.is_of_one_object();
                let others = if goes_on { Vec::new() } else { std::mem::take(&mut payments) };
                for mismatch in others.into_iter().chain([mismatch]) {
                    run.report.shown += 1;
                    run.recheck(mismatch);
                }
            }
        }
        run.phase = Phase::Invoiced { after, payments };
        Ok(())
    }

    /// Looks up the invoice of a payment, and records the answer.
    pub(super) async fn look_up(
        &self,
        run: &Run,
        payment: &ObjectId,
    ) -> Result<Result<Invoiced, ReadError>, StoreError> {
        let answer = match self.stripe.read(&Read::InvoicePaymentsOf(payment.clone())).await {
            Ok(fetched) => answer(&fetched, payment, self.observation(run, &fetched)),
            Err(why) => Err(why),
        };
        match answer {
            Ok((invoiced, events)) => {
                self.repair(events).await?;
                Ok(Ok(invoiced))
            }
            Err(why) => Ok(Err(why)),
        }
    }
}

fn answer(
    fetched: &Fetched,
    payment: &ObjectId,
    observation: Observation,
) -> Result<(Invoiced, Vec<Event>), ReadError> {
    let page = page::objects(fetched, FactsKind::InvoicePayment)?;
    if page.unreadable > 0 {
        return Err(ReadError::Unreadable);
    }
    if page.items.iter().any(|it| link(&it.facts).is_some()) {
        let events: Result<Vec<_>, _> =
            page.items.iter().map(|it| observation.events(it)).collect();
        return Ok((Invoiced::Yes, events?.concat()));
    }
    Ok((Invoiced::No, vec![observation.no_invoice(payment.clone())?]))
}

/// Returns the payment and the invoice that an InvoicePayment links.
fn link(facts: &Facts) -> Option<(ObjectId, ObjectId)> {
    let Facts::InvoicePayment(facts) = facts else { return None };
    let canceled = facts.status.get().is_some_and(|it| it.as_str() == "canceled");
    let payment = facts.payment.get()?.payment_intent.get()?.clone();
    let invoice = facts.invoice.get()?.clone();
    (!canceled).then_some((payment, invoice))
}
