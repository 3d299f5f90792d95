//! Stripe's refunds and disputes, compared with the ledger.

use super::Reconciler;
use super::run::Run;
use super::synthetic_event::Observation;
use crate::ports::StoreError;
use crate::report::Difference;
use crate::stripe::Resource;
use crate::stripe::page::FetchedObject;

impl Reconciler<'_> {
    /// Records the refunds or disputes of a page, and reports the donations that this changed; the
    /// ledger ignores the ones that it already has.
    pub(super) async fn taken(
        &self,
        run: &mut Run,
        seen: &[FetchedObject],
        observation: Observation,
    ) -> Result<(), StoreError> {
        let mut payments: Vec<_> =
            seen.iter().filter_map(|it| it.facts.payment().cloned()).collect();
        payments.sort();
        payments.dedup();
        let before = self.store.donations_of(&payments).await?;
        let mut events = Vec::new();
        for it in seen {
            match observation.events(it) {
                Ok(observed) => events.extend(observed),
                Err(why) => run.report.unread_resource(Resource::at(it.facts.kind()), why),
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
