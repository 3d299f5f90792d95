//! The ledger: donations, and the rows that they follow from.

use async_trait::async_trait;

use super::StoreError;
use crate::breakdown::DonationRows;
use crate::donation::{Donation, DonationFilter, Total};
use crate::ids::ObjectId;
use crate::time::UnixSeconds;

/// The ledger, as [`super::Inbox`] has written it.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// For each id in its place the donation of that id, or the one that the payment of that id
    /// belongs to.
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError>;

    /// The donation of that id, or the one that the payment of that id belongs to.
    async fn donation(&self, id: &ObjectId) -> Result<Option<Donation>, StoreError> {
        let found = self.donations_of(std::slice::from_ref(id)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// The donation of that id, by which no other one is found, with the rows of the ledger that it
    /// follows from.
    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError>;

    /// The payments that a refund, a dispute or a charge with a running total of that id is of, and the
    /// invoice that a credit note of that id is of, in their order.
    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError>;

    /// Up to `limit` of the donations that `filter` lets through, the last paid (or else changed)
    /// first, and by their id where that is the same; those after `after`, which is what the last
    /// one of the page before was paid (or changed) at, and its id.
    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError>;

    /// Returns the totals of the paid and certain donations that `filter` lets through, by
    /// currency, kind and mode, in that order.
    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError>;

    /// Notes that Stripe has shown these donations as they are here. What was noted stays.
    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError>;

    /// Derives anew what is kept of the ledger for reading, and returns the ids of up to `limit`
    /// payments and invoices of which something else is kept, in their order. Reads the whole ledger.
    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError>;

    /// Brings what is kept of these payments and invoices up to date.
    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError>;
}
