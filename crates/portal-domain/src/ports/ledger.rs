//! The ledger: donations, and the rows that they follow from.

use async_trait::async_trait;

use super::StoreError;
use crate::breakdown::DonationRows;
use crate::donation::{Donation, DonationFilter, Total};
use crate::ids::ObjectId;
use crate::time::{Day, UnixSeconds};

/// The ledger, as [`super::Inbox`] has written it.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Returns for each id in its place the donation of that id, or the one that the payment of that
    /// id belongs to.
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError>;

    /// Returns the donation of that id, or the one that the payment of that id belongs to.
    async fn donation(&self, id: &ObjectId) -> Result<Option<Donation>, StoreError> {
        let found = self.donations_of(std::slice::from_ref(id)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Returns the donation of exactly that id, with the rows of the ledger that it follows from.
    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError>;

    /// Returns the payments of the refund, the dispute or the charge with a running total that has
    /// that id, and the invoice of the credit note with that id, in their order.
    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError>;

    /// Returns up to `limit` donations that `filter` selects, the last paid (or else changed) first,
    /// and then by their ids. `after` is that time and the id of the last donation of the page before.
    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError>;

    /// Returns the time and the id of the donation that [`Ledger::donations`] has so many places after the
    /// first one: the end of a search that looks at no more.
    async fn donation_at(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        place: u32,
    ) -> Result<Option<(UnixSeconds, ObjectId)>, StoreError>;

    /// Returns the totals of the paid donations that `filter` selects, by currency, kind and mode, in
    /// that order: those of the certain ones, unless it asks for the provisional ones. So they are the
    /// sums of the paid donations that [`Ledger::donations`] lists.
    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError>;

    /// Returns the totals of the paid and certain donations of each of `days`, with its place, in the
    /// order of the places. Each day reads its own donations only.
    async fn totals_of_days(&self, days: &[Day]) -> Result<Vec<(usize, Total)>, StoreError>;

    /// Notes for good that Stripe has shown these donations as they are here.
    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError>;

    /// Derives the kept columns of the whole ledger anew, and returns the ids of up to `limit`
    /// payments and invoices whose kept columns differ, in their order.
    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError>;

    /// Updates the kept columns of these payments and invoices.
    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError>;
}
