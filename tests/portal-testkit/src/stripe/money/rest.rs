//! Lines that belong to no payment.

use crate::stripe::account::Account;
use crate::stripe::balance::{Line, LineKind};

const STRIPE_FEE: LineKind = LineKind::of("stripe_fee", "fee", "stripe_fees");
const TAX: LineKind = LineKind::of("tax_fee", "tax", "taxes");
const TOP_UP: LineKind = LineKind::of("topup", "topup", "topups");
const RESERVE_HOLD: LineKind = LineKind::of("reserve_hold", "risk_reserved_funds", "reserves");
const RESERVE_RELEASE: LineKind =
    LineKind::of("reserve_release", "risk_reserved_funds", "reserves");

/// The balance that a reserve is in.
const RISK_RESERVED: &str = "risk_reserved";

impl Account {
    /// Charges Stripe's own fee, such as that of Billing for a month, and its tax. Returns the ids of
    /// the two lines, which have no source.
    pub fn stripe_fee(&mut self, at: i64, fee: i64, tax: i64) -> [String; 2] {
        [self.sourceless(STRIPE_FEE, at, -fee), self.sourceless(TAX, at, -tax)]
    }

    /// Adds money from the bank account. Returns the line's id.
    pub fn top_up(&mut self, at: i64, amount: i64) -> String {
        self.sourceless(TOP_UP, at, amount)
    }

    /// Moves a part of the money to a reserve. Returns the ids of the line and of its mirror in
    /// `risk_reserved`
    /// (<https://docs.stripe.com/changelog/clover/2026-01-28/monitor-reserve-activity-on-balance-transactions>).
    pub fn reserve(&mut self, at: i64, amount: i64) -> [String; 2] {
        self.mirrored(RESERVE_HOLD, at, -amount)
    }

    /// Moves it back.
    pub fn release_reserve(&mut self, at: i64, amount: i64) -> [String; 2] {
        self.mirrored(RESERVE_RELEASE, at, amount)
    }

    /// Books a line of any type and category, also of one that is not known yet, whose amount belongs
    /// to that part of a statement. Returns its id.
    pub fn other_line(
        &mut self,
        at: i64,
        amount: i64,
        [name, category, part]: [&'static str; 3],
    ) -> String {
        self.sourceless(LineKind::of(name, category, part), at, amount)
    }

    fn mirrored(&mut self, kind: LineKind, at: i64, amount: i64) -> [String; 2] {
        let mirror = LineKind { balance: RISK_RESERVED, ..kind };
        [self.sourceless(kind, at, amount), self.sourceless(mirror, at, -amount)]
    }

    pub(super) fn sourceless(&mut self, kind: LineKind, at: i64, amount: i64) -> String {
        let line = Line::new(kind, at, self.balance.first());
        let id = self.make_id("txn_1");
        self.book(Line { id: id.clone(), amount, ..line });
        id
    }
}
