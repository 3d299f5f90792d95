//! The port to payouts and the lines of the balance.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{Currency, ObjectId};
use crate::payouts::{
    BalanceLine, BalanceReading, LineSum, MoneyLine, PayoutHistory, PayoutRow, StatementLine,
};
use crate::stripe::{ReadError, Window};
use crate::time::UnixSeconds;

/// Payouts, and the lines of the balance.
///
/// A payout is a row of the ledger, which events change. A line is no event: there is one or more for
/// each donation, none is delivered, and none changes.
#[async_trait]
pub trait Payouts: Send + Sync {
    /// Adds the lines that are not there yet, and all of them to the list of `payout`, if they were
    /// read as its lines.
    async fn add_lines(
        &self,
        lines: &[BalanceLine],
        payout: Option<&ObjectId>,
        now: UnixSeconds,
    ) -> Result<(), StoreError>;

    /// Returns those of `objects` that are no payment, no refund and no dispute of the ledger, in the
    /// order of their ids.
    async fn unknown_objects(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError>;

    /// Keeps that all lines of a payout were added, or why they could not be read. What was added to
    /// its list before `begun`, and was not since, leaves it.
    async fn finish_reading(
        &self,
        payout: &ObjectId,
        unreadable: Option<ReadError>,
        begun: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StoreError>;

    /// Returns up to `limit` automatic payouts of that mode whose lines Stripe can name and that were
    /// not read yet, or could not be at a time before `again_before`: the oldest first.
    async fn payouts_to_read(
        &self,
        livemode: bool,
        again_before: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<ObjectId>, StoreError>;

    /// Keeps readings of the balance; a second one of the same moment changes nothing.
    async fn keep_balance(&self, readings: &[BalanceReading]) -> Result<(), StoreError>;

    /// Returns the last reading of each currency's balance at `until` or before.
    async fn last_balance(
        &self,
        livemode: bool,
        until: UnixSeconds,
    ) -> Result<Vec<BalanceReading>, StoreError>;

    /// Returns up to `limit` payouts, the last made first, after the payout `after`.
    async fn payouts(
        &self,
        filter: &PayoutFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<PayoutRow>, StoreError>;

    /// Returns those payouts among `ids` that are there.
    async fn payouts_of(&self, ids: &[ObjectId]) -> Result<Vec<PayoutRow>, StoreError>;

    /// Returns the payout of that id.
    async fn payout(&self, id: &ObjectId) -> Result<Option<PayoutRow>, StoreError> {
        Ok(self.payouts_of(std::slice::from_ref(id)).await?.pop())
    }

    /// Returns the lines of a payout's list with what the ledger has of them, the last made first.
    async fn payout_lines(&self, payout: &ObjectId) -> Result<Vec<StatementLine>, StoreError>;

    /// Returns the lines of the payments, refunds and disputes of each of these donations, each with
    /// the donation's place in `donations`.
    async fn lines_of(&self, donations: &[ObjectId])
    -> Result<Vec<(usize, MoneyLine)>, StoreError>;

    /// Returns what is known of the payouts of each currency.
    async fn payout_history(
        &self,
        livemode: bool,
    ) -> Result<Vec<(Currency, PayoutHistory)>, StoreError>;

    /// Returns up to `limit` lines created within `window`, the first made first, after the line `after`.
    async fn balance_lines(
        &self,
        livemode: bool,
        window: Window,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<BalanceLine>, StoreError>;

    /// Returns the sums of the lines of payments' balances created within `window`, by currency and
    /// part.
    async fn line_sums(
        &self,
        livemode: bool,
        window: Window,
    ) -> Result<Vec<(Currency, LineSum)>, StoreError>;
}

/// A selection of payouts. `None` lets all through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayoutFilter {
    pub livemode: Option<bool>,
    /// Those that arrive on that day or later: midnight in UTC.
    pub arrives_since: Option<UnixSeconds>,
    /// Those that arrive before that day.
    pub arrives_until: Option<UnixSeconds>,
}
