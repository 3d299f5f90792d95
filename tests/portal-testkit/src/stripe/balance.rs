//! The balances of an account, and their lines: Stripe's balance transactions
//! (<https://docs.stripe.com/api/balance_transactions/object>).

use serde_json::Value;

use crate::stripe::object::ObjectKind;
use crate::stripe::shelf::Shelf;

/// The money that an account has at Stripe. A test sets the fields before it tells stories.
pub struct Balance {
    /// The currencies that have a balance; money in any other is converted to the first.
    pub currencies: &'static [&'static str],
    /// The money in the first currency before the first line, in minor units.
    pub opening: i64,
    /// The amount of the first currency that automatic payouts leave
    /// (<https://docs.stripe.com/changelog/acacia/2024-12-18/payout-minimum-balance>).
    pub minimum: i64,
    /// True if a negative balance is taken from the bank account, by a payout of a negative amount.
    pub debits_bank: bool,
    /// The seconds after which a charge has its line, told by `charge.updated`; nothing else may
    /// happen to the charge before. `None` if it has it at once, as before 2024-04-10
    /// (<https://docs.stripe.com/payments/payment-intents/asynchronous-capture>).
    pub lines_after: Option<i64>,
    /// The seconds until Stripe says that the lines of an automatic payout can be asked for.
    pub reconciled_after: i64,
    /// The seconds that payouts come after their day of arrival.
    pub late: i64,
    /// The most lines on a page, of up to 100.
    pub page_max: usize,
    pub(crate) lines: Shelf<Line>,
}

/// One line.
#[derive(Clone)]
pub(crate) struct Line {
    /// `txn_…`
    pub(crate) id: String,
    pub(crate) kind: LineKind,
    /// In minor units of the balance.
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    /// The tax within the fee.
    pub(crate) fee_tax: i64,
    pub(crate) currency: &'static str,
    /// Ten-thousandths of the balance's unit for one of the source's.
    pub(crate) rate: Option<i64>,
    pub(crate) created: i64,
    pub(crate) available_on: i64,
    /// The time from which it is listed.
    pub(crate) visible_at: i64,
    pub(crate) source: Option<(ObjectKind, String)>,
    /// The payment that it belongs to.
    pub(crate) payment: Option<String>,
    /// The payout in whose list it is.
    pub(crate) payout: Option<String>,
    /// True if it is kept out of every payout.
    pub(crate) kept_back: bool,
    /// The whole line, if a test gave it, with its source expanded.
    pub(crate) whole: Option<Value>,
    pub(crate) listing: Listing,
}

/// The way in which a line is listed.
#[derive(Clone)]
pub(crate) enum Listing {
    Right,
    /// Nowhere.
    Lost,
    /// Twice in a row; across a page's end if it is the last one there.
    Twice,
    /// With these fields instead of its own.
    With(Value),
}

/// The kind of a line, in Stripe's words and in those of a statement.
#[derive(Clone, Copy)]
pub(crate) struct LineKind {
    /// <https://docs.stripe.com/reports/balance-transaction-types>
    pub(crate) name: &'static str,
    /// <https://docs.stripe.com/reports/reporting-categories>
    pub(crate) category: &'static str,
    /// The part of a statement that the amount is in; `None` for the payout's own line.
    pub(crate) part: Option<&'static str>,
    /// The balance of the currency that it is in.
    pub(crate) balance: &'static str,
}

/// The balance that payouts are made from.
pub(crate) const PAYMENTS: &str = "payments";

impl Default for Balance {
    fn default() -> Self {
        Self {
            currencies: &["jpy"],
            opening: 0,
            minimum: 0,
            debits_bank: false,
            lines_after: None,
            reconciled_after: 5400,
            late: 0,
            page_max: 100,
            lines: Shelf::default(),
        }
    }
}

impl Balance {
    /// Returns the currency of the balance in which that currency ends up.
    pub(crate) fn currency_for(&self, currency: &'static str) -> &'static str {
        let own = self.currencies.contains(&currency);
        if own { currency } else { self.first() }
    }

    pub(crate) fn first(&self) -> &'static str {
        self.currencies.first().copied().unwrap_or("jpy")
    }

    /// Returns the money that was there before the first line.
    pub(crate) fn opening_in(&self, currency: &str) -> i64 {
        if currency == self.first() { self.opening } else { 0 }
    }

    /// Returns the lines of that currency that are known at that time and change what a payout can
    /// be made from.
    pub(crate) fn counted<'a>(
        &'a self,
        currency: &'a str,
        now: i64,
    ) -> impl Iterator<Item = &'a Line> {
        let counts = move |it: &&Line| it.currency == currency && it.kind.balance == PAYMENTS;
        self.lines.oldest_first().filter(counts).filter(move |it| it.created <= now)
    }
}

impl LineKind {
    /// Returns a kind whose amount is in that part.
    pub(crate) const fn of(name: &'static str, category: &'static str, part: &'static str) -> Self {
        Self { name, category, part: Some(part), balance: PAYMENTS }
    }
}

impl Line {
    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee
    }

    pub(crate) fn is_about(&self, kind: ObjectKind) -> bool {
        self.source.as_ref().is_some_and(|(it, _)| *it == kind)
    }

    /// True if a list shows it at that time.
    pub(crate) fn is_listed(&self, now: i64) -> bool {
        self.visible_at <= now && !matches!(self.listing, Listing::Lost)
    }
}
