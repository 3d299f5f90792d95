//! The view of the money at a time.

use crate::stripe::account::Account;
use crate::stripe::balance::{Line, PAYMENTS};
use crate::stripe::object::{Object, ObjectKind};
use crate::stripe::shelf::{Page, Wanted};

/// The first version whose lines say which balance they are in, and that has lines of another one
/// than `payments`.
pub(crate) const BALANCE_TYPES: &str = "2026-01-28";

impl Account {
    /// Returns the available and the pending money of that currency, in minor units. A payout is
    /// taken from what is available as soon as it is made.
    #[must_use]
    pub fn balance_at(&self, currency: &str, now: i64) -> (i64, i64) {
        let mut sums = (self.balance.opening_in(currency), 0);
        for line in self.balance.counted(currency, now) {
            let is_own = line.is_about(ObjectKind::Payout);
            let sum = if line.available_on <= now || is_own { &mut sums.0 } else { &mut sums.1 };
            *sum += line.net();
        }
        sums
    }

    /// Returns the id of the line of a payment, a refund, a dispute or a payout.
    #[must_use]
    pub fn line_about(&self, object: &str) -> Option<&str> {
        let is_about = |it: &&Line| {
            let own = it.source.as_ref().is_some_and(|(_, source)| source == object);
            let charges = it.is_about(ObjectKind::Charge);
            own || charges && it.payment.as_deref() == Some(object)
        };
        self.balance.lines.oldest_first().find(is_about).map(|it| it.id.as_str())
    }

    /// Returns a page of all lines, or of those in the list of a payout.
    pub(crate) fn line_page(
        &self,
        wanted: &Wanted,
        payout: Option<&str>,
        version: &str,
        now: i64,
    ) -> Page<'_, Line> {
        let has_balance = |it: &Line| it.kind.balance == PAYMENTS || version >= BALANCE_TYPES;
        self.balance.lines.page(wanted, |it| {
            let is_in = payout.is_none() || it.payout.as_deref() == payout;
            is_in && has_balance(it) && it.is_listed(now)
        })
    }

    /// Returns a line that is listed at that time.
    pub(crate) fn line(&self, id: &str, now: i64) -> Option<&Line> {
        self.balance.lines.get(id).filter(|it| it.is_listed(now))
    }

    /// Returns the payouts of that currency at that time, the oldest first.
    pub(crate) fn payouts<'a>(
        &'a self,
        currency: &'a str,
        now: i64,
    ) -> impl Iterator<Item = &'a Object> {
        let all = self.all_objects(ObjectKind::Payout, now);
        all.filter(move |it| it.currency == currency)
    }

    /// Returns the payout in whose list the line is, once that can be asked for.
    pub(crate) fn payout_of<'a>(&'a self, line: &Line, now: i64) -> Option<&'a Object> {
        let payout = self.object(ObjectKind::Payout, line.payout.as_ref()?, now);
        payout.filter(|it| it.reconciled)
    }
}
