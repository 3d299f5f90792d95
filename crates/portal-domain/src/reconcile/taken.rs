//! What went back or was taken: refunds and disputes as Stripe has them.

use super::Reconciler;
use super::observed::Observation;
use super::run::Run;
use crate::facts::Facts;
use crate::report::Difference;
use crate::store::StoreError;
use crate::stripe::Look;
use crate::stripe::page::Seen;
use crate::text::ObjectId;

impl Reconciler<'_> {
    /// Records the refunds or disputes of a page, and tells which donations that changed: the ledger
    /// takes from them what it has not got yet.
    pub(super) async fn taken(
        &self,
        run: &mut Run,
        seen: &[Seen],
        observation: Observation,
    ) -> Result<(), StoreError> {
        let mut payments: Vec<_> = seen.iter().filter_map(|it| payment(&it.facts)).collect();
        payments.sort();
        payments.dedup();
        let before = self.store.donations_of(&payments).await?;
        let mut events = Vec::new();
        for it in seen {
            match observation.events(it) {
                Ok(observed) => events.extend(observed),
                Err(why) => run.report.not_looked_at(Look::at(it.facts.kind()), why),
            }
        }
        self.repair(events).await?;
        let after = self.store.donations_of(&payments).await?;
        for (before, after) in before.into_iter().zip(after) {
            let Some((before, after)) = before.zip(after) else { continue };
            let taken = (before.refunded, before.lost, before.dispute);
            if taken != (after.refunded, after.lost, after.dispute) {
                run.report.found(after.id, Difference::Refunded, true);
            }
        }
        Ok(())
    }
}

/// The payment that a refund or a dispute is about.
fn payment(facts: &Facts) -> Option<ObjectId> {
    match facts {
        Facts::Refund(it) => it.payment_intent.get().or_else(|| it.charge.get()).cloned(),
        Facts::Dispute(it) => it.payment_intent.get().or_else(|| it.charge.get()).cloned(),
        Facts::PaymentIntent(_)
        | Facts::Charge(_)
        | Facts::Invoice(_)
        | Facts::InvoicePayment(_)
        | Facts::NoInvoice(_)
        | Facts::CheckoutSession(_)
        | Facts::Subscription(_) => None,
    }
}
