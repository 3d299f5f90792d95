//! The statements that are due after the stories, and the account over a period.

use std::collections::BTreeMap;

use super::payments::return_id;
use crate::stripe::account::Account;
use crate::stripe::balance::Line;
use crate::stripe::object::{Object, ObjectKind};

/// The parts of a statement, in its order.
const PARTS: [&str; 14] = [
    "donations",
    "refunds",
    "disputes",
    "fees",
    "fee_taxes",
    "stripe_fees",
    "taxes",
    "returned_payouts",
    "minimum_balance",
    "reserves",
    "connect",
    "topups",
    "adjustments",
    "other",
];

/// The statement of one payout. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub payout: String,
    pub currency: &'static str,
    pub amount: i64,
    pub status: &'static str,
    pub automatic: bool,
    /// Unix seconds.
    pub arrival_date: i64,
    /// `manual`, `waiting` or `explained`.
    pub state: &'static str,
    /// The number of lines but its own; 0 unless it is explained.
    pub lines: usize,
    /// All parts by their names, unless there is no list of its lines yet, or ever.
    pub parts: Option<BTreeMap<&'static str, i64>>,
    /// The payout that the money is in after this one was returned.
    pub returned_by: Option<String>,
}

/// The account over a period. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    pub opening: i64,
    /// All parts by their names.
    pub parts: BTreeMap<&'static str, i64>,
    /// The sum of the payouts' own lines, without fees.
    pub payouts: i64,
    pub closing: i64,
    pub available: i64,
    pub pending: i64,
}

impl Account {
    /// Returns the statements of all payouts that were made until that time, the oldest first.
    #[must_use]
    pub fn statements(&self, now: i64) -> Vec<Statement> {
        let told = self.all_objects(ObjectKind::Payout, now).filter(|it| it.whole.is_none());
        told.map(|it| self.statement(it, now)).collect()
    }

    /// Returns the account of that currency over the lines that were created from `since` to before
    /// `until`.
    #[must_use]
    pub fn period(&self, currency: &str, since: i64, until: i64) -> Period {
        let sum = |(available, pending)| available + pending;
        let (available, pending) = self.balance_at(currency, until - 1);
        let lines = self.balance.counted(currency, until - 1).filter(|it| it.created >= since);
        let lines: Vec<_> = lines.collect();
        let own = lines.iter().filter(|it| it.kind.part.is_none());
        Period {
            opening: sum(self.balance_at(currency, since - 1)),
            payouts: own.map(|it| it.amount).sum(),
            parts: parts(lines),
            closing: available + pending,
            available,
            pending,
        }
    }

    fn statement(&self, payout: &Object, now: i64) -> Statement {
        let automatic = !payout.is_by_hand();
        let state = match (automatic, payout.reconciled) {
            (false, _) => "manual",
            (true, false) => "waiting",
            (true, true) => "explained",
        };
        let is_in =
            |it: &&Line| it.payout.as_deref() == Some(payout.id.as_str()) && it.kind.part.is_some();
        let lines = self.balance.lines.oldest_first().filter(is_in);
        let lines: Vec<_> = lines.filter(|_| state == "explained").collect();
        let returned = self.balance.lines.get(&return_id(&payout.id));
        let returned_by = returned.and_then(|it| self.payout_of(it, now));
        Statement {
            payout: payout.id.clone(),
            currency: payout.currency,
            amount: payout.amount,
            status: payout.status,
            automatic,
            arrival_date: payout.paid_at.unwrap_or_default(),
            state,
            lines: lines.len(),
            parts: (state == "explained").then(|| parts(lines)),
            returned_by: returned_by.map(|it| it.id.clone()),
        }
    }
}

fn parts<'a>(lines: impl IntoIterator<Item = &'a Line>) -> BTreeMap<&'static str, i64> {
    let mut parts: BTreeMap<_, _> = PARTS.map(|it| (it, 0)).into();
    let mut add = |part, amount| *parts.entry(part).or_default() += amount;
    for line in lines {
        if let Some(part) = line.kind.part {
            add(part, line.amount);
        }
        add("fees", line.fee_tax - line.fee);
        add("fee_taxes", -line.fee_tax);
    }
    parts
}
