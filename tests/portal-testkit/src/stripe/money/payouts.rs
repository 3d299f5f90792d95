//! Stories of payouts (<https://docs.stripe.com/payouts>).

use super::payments::line_id;
use crate::stripe::account::Account;
use crate::stripe::balance::{Line, LineKind, PAYMENTS};
use crate::stripe::object::{Feature, Object, ObjectKind};
use crate::stripe::rates::when_available;
use crate::stripe::time::{DAY, HOUR, day_of_month};

const OWN: LineKind =
    LineKind { name: "payout", category: "payout", part: None, balance: PAYMENTS };
const HOLD: LineKind =
    LineKind::of("payout_minimum_balance_hold", "payout_minimum_balance_hold", "minimum_balance");
const RELEASE: LineKind = LineKind::of(
    "payout_minimum_balance_release",
    "payout_minimum_balance_release",
    "minimum_balance",
);

/// The hundredths of an instant payout that it costs.
const INSTANT_FEE: i64 = 1;

/// The days of automatic payouts (<https://docs.stripe.com/payouts#payout-schedule>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Each Monday.
    Weekly,
    /// Each first day of a month.
    Monthly,
}

impl Account {
    /// Makes the automatic payouts of all balances between these times, at 00:05 in UTC. Returns
    /// their ids, the oldest first.
    ///
    /// A payout has the lines that were told before and can be paid out by then, so stories about
    /// their money are told first.
    pub fn pay_out_on(&mut self, schedule: Schedule, since: i64, until: i64) -> Vec<String> {
        let days = (since.div_euclid(DAY)..=until.div_euclid(DAY)).filter(|it| schedule.is_on(*it));
        let times = days.map(|it| it * DAY + 300).filter(|it| (since..until).contains(it));
        let mut made = Vec::new();
        for at in times {
            for currency in self.balance.currencies {
                made.extend(self.pay_out(at, currency));
            }
        }
        made
    }

    /// Makes one automatic payout of what can be paid out and was not yet. Returns its id; there is
    /// none of nothing, and none of a debt unless [`Balance::debits_bank`] is set.
    ///
    /// `payout.created`, `payout.reconciliation_completed`, `payout.paid`.
    ///
    /// [`Balance::debits_bank`]: crate::stripe::Balance::debits_bank
    pub fn pay_out(&mut self, at: i64, currency: &'static str) -> Option<String> {
        let lines = self.payable(at, currency);
        let sum: i64 = lines.iter().map(Line::net).sum();
        let holds = sum > 0 && currency == self.balance.first();
        let minimum = if holds { self.balance.minimum } else { 0 };
        let amount = sum - minimum;
        let is_debit = sum < 0 && self.balance.debits_bank;
        if amount <= 0 && !is_debit {
            return None;
        }
        let payout = self.new_object(ObjectKind::Payout, at, amount, currency);
        for line in lines {
            self.line_of(&line.id).payout = Some(payout.id.clone());
        }
        if minimum > 0 {
            let hold = self.sourceless(HOLD, at, -minimum);
            self.line_of(&hold).payout = Some(payout.id.clone());
            self.sourceless(RELEASE, at, minimum);
        }
        Some(self.send(Object { status: "in_transit", ..payout }, 0))
    }

    /// Makes a payout by hand. Returns its id.
    ///
    /// `payout.created`, `payout.updated`, `payout.paid`.
    pub fn pay_out_by_hand(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let payout = self.new_object(ObjectKind::Payout, at, amount, currency);
        self.send(Object { status: "pending", feature: Some(Feature::ByHand), ..payout }, 0)
    }

    /// Makes a payout that arrives at once, for a fee beside its amount. Stripe does not document
    /// which line has the fee; here it is the payout's own. Returns its id.
    ///
    /// The events of [`Self::pay_out_by_hand`].
    pub fn pay_out_at_once(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let payout = self.new_object(ObjectKind::Payout, at, amount, currency);
        let payout = Object { status: "pending", feature: Some(Feature::Instant), ..payout };
        self.send(payout, amount * INSTANT_FEE / 100)
    }

    /// Returns the lines that an automatic payout has: those that became available after the last
    /// payout by hand, and are in no payout yet.
    fn payable(&self, at: i64, currency: &str) -> Vec<Line> {
        let by_hand = self.payouts(currency, at).filter(|it| it.is_by_hand());
        let since = by_hand.map(|it| it.created).max().unwrap_or_default();
        let is_free = |it: &&Line| {
            let is_after = since < it.available_on && it.available_on <= at;
            is_after && it.payout.is_none() && !it.kept_back && it.kind.part.is_some()
        };
        self.balance.counted(currency, at).filter(is_free).cloned().collect()
    }

    /// Books the payout's own line, and tells of it until it is paid.
    fn send(&mut self, made: Object, fee: i64) -> String {
        let at = made.created;
        let arrives = match made.feature {
            Some(Feature::Instant) => at.div_euclid(DAY) * DAY,
            _ => when_available(at),
        };
        let made = Object { paid_at: Some(arrives), ..made };
        self.tell(at, &made, &["payout.created"]);
        let line = Line::new(OWN, at, made.currency);
        self.book(Line {
            id: line_id(&made.id),
            amount: -made.amount,
            fee,
            source: Some((ObjectKind::Payout, made.id.clone())),
            payout: Some(made.id.clone()),
            ..line
        });
        let sent = if made.is_by_hand() {
            let sent = Object { status: "in_transit", ..made };
            self.tell(at + HOUR, &sent, &["payout.updated"]);
            sent
        } else {
            let listed = Object { reconciled: true, ..made };
            let types = ["payout.reconciliation_completed"];
            self.tell(at + self.balance.reconciled_after, &listed, &types);
            listed
        };
        let paid_at = arrives.max(at + HOUR) + HOUR + self.balance.late;
        self.tell(paid_at, &Object { status: "paid", ..sent.clone() }, &["payout.paid"]);
        sent.id
    }
}

impl Schedule {
    /// True for a day of it, by the number of days since 1970.
    fn is_on(self, day: i64) -> bool {
        match self {
            Self::Weekly => (day + 3).rem_euclid(7) == 0,
            Self::Monthly => day_of_month(day * DAY) == "01",
        }
    }
}

impl Object {
    /// True for a payout whose lines Stripe does not know.
    pub(crate) fn is_by_hand(&self) -> bool {
        matches!(self.feature, Some(Feature::ByHand | Feature::Instant))
    }
}
