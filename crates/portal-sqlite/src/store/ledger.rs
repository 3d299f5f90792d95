//! The ledger: reading donations, and checking what is kept of them.

use async_trait::async_trait;
use portal_domain::{
    Donation, DonationFilter, DonationRows, Ledger, ObjectId, StoreError, Total, UnixSeconds,
    row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing};
use crate::sql;

#[async_trait]
impl<E: Executor> Ledger for SqlStore<E> {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        let donations = sql::donations::donations_of(ids);
        self.executor.read(Reading::Lookup, donations, row_decode::donation_or_none).await
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        self.first(sql::donations::donation_rows(id), row_decode::donation_rows).await
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        let parents = sql::donations::parents_of(object);
        self.executor.read(Reading::Lookup, parents, row_decode::object_id).await
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        let donations = sql::donations::donations(filter, after, limit);
        self.executor.read(Reading::Scan, donations, row_decode::donation).await
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.executor.read(Reading::Scan, sql::donations::totals(filter), row_decode::total).await
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        self.write_one(Writing::Now, sql::donations::confirm(donations, now)).await.map(drop)
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        self.executor.read(Reading::Scan, sql::keep::check(limit), row_decode::object_id).await
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        self.executor.write(Writing::Now, &sql::keep::repair(ids)).await.map(drop)
    }
}
