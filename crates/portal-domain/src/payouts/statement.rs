//! The statement of a payout: what it is the sum of, or what it differs by.

use serde::Serialize;

use super::{BalanceLine, LineSource, Part, Parts};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::ledger::{Payout, PayoutStatus, Reconciliation};
use crate::stripe::ReadError;
use crate::time::UnixSeconds;

/// A payout with what is known about its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRow {
    pub payout: Payout,
    /// The last attempt to read its lines; `None` before the first.
    pub reading: Option<PayoutReading>,
    /// The payout whose list has the line of its return.
    pub returned_by: Option<ObjectId>,
}

/// An attempt to read the lines of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutReading {
    pub read_at: UnixSeconds,
    pub result: ReadingResult,
}

/// The result of an attempt to read the lines of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingResult {
    /// Stripe's complete answer had so many different lines.
    Complete {
        lines: u64,
    },
    Unreadable(ReadError),
}

/// A line of a payout, with what the ledger knows of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    pub line: BalanceLine,
    /// Another payout that lists this line as well.
    pub also_in: Option<ObjectId>,
    /// The payment, the refund or the dispute that the line is about; `None` if the ledger lacks it.
    pub ledger: Option<LedgerView>,
    /// Of a line of donations: the sum of all such lines of its payment, in any payout or in none.
    pub of_payment: i64,
}

/// The ledger's row of a line's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerView {
    /// In minor units.
    pub amount: i64,
    pub currency: Currency,
    /// Of a payment: true if it is paid.
    pub paid: bool,
}

/// The statement of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutStatement {
    pub state: StatementState,
    /// The number of lines, without the payout's own; 0 where they were not read.
    pub lines: u64,
    /// The sums, in minor units of the payout's currency; `None` where not all was read.
    pub sums: Option<StatementSums>,
    pub differences: Vec<PayoutDifference>,
}

/// The sums of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementSums {
    /// The sum of all lines' `net`, as Stripe says.
    pub net: i64,
    pub parts: Parts,
}

/// The state of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementState {
    /// Stripe does not name the lines yet, or they are about to be read.
    Waiting,
    /// The lines are all of it, and the ledger knows them.
    Explained,
    Differs,
    /// Something could not be read.
    Unreadable(ReadError),
    /// There is no key to read with.
    NoKey,
    /// Made by hand: Stripe does not know its lines. The account explains it.
    Manual,
}

impl StatementState {
    /// The names of all, for filters.
    pub const NAMES: [&str; 5] = ["waiting", "explained", "differs", "unreadable", "manual"];

    /// Returns the name of the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Explained => "explained",
            Self::Differs => "differs",
            Self::Unreadable(_) | Self::NoKey => "unreadable",
            Self::Manual => "manual",
        }
    }

    /// Returns the name of the reason, where the state has one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Waiting | Self::Explained | Self::Differs => None,
            Self::Unreadable(why) => Some(why.name().trim_start_matches("stripe_")),
            Self::NoKey => Some("no_key"),
            Self::Manual => Some("not_applicable"),
        }
    }
}

/// A difference between a payout and its lines, or between a line and the ledger. Amounts are in
/// minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PayoutDifference {
    /// The payout's own line is missing, is there twice, or has another amount than the payout.
    OwnLine {
        line: Option<ObjectId>,
        amount: Option<i64>,
    },
    /// `net` is not `amount - fee`, by so much.
    LineArithmetic {
        line: ObjectId,
        amount: i64,
    },
    /// The line is of another currency than the payout.
    Currency {
        line: ObjectId,
        currency: Currency,
    },
    /// Nobody knows what a line of this type means.
    TypeUnknown {
        line: ObjectId,
        r#type: EnumWord,
    },
    /// Another payout lists the same line.
    InTwoPayouts {
        line: ObjectId,
        payout: ObjectId,
    },
    DonationUnknown {
        line: ObjectId,
        payment: ObjectId,
    },
    DonationAmount {
        payment: ObjectId,
        line_amount: i64,
        ledger_amount: i64,
    },
    RefundUnknown {
        line: ObjectId,
        refund: ObjectId,
    },
    RefundAmount {
        refund: ObjectId,
        line_amount: i64,
        ledger_amount: i64,
    },
    DisputeUnknown {
        line: ObjectId,
        dispute: ObjectId,
    },
    /// The lines add up to more than the payout by so much, or to less.
    Sum {
        amount: i64,
    },
}

impl PayoutStatement {
    /// Judges a payout by its lines. `has_key` is true if there is a key to read with.
    #[must_use]
    pub fn of(row: &PayoutRow, lines: &[StatementLine], has_key: bool) -> Self {
        let payout = &row.payout;
        let unread = |state| Self { state, lines: 0, sums: None, differences: Vec::new() };
        if !payout.automatic || payout.reconciliation == Reconciliation::NotApplicable {
            return unread(StatementState::Manual);
        }
        match row.reading.map(|it| it.result) {
            Some(ReadingResult::Complete { lines: complete }) if complete == lines.len() as u64 => {
            }
            // Lines that were read and are not here were lost, so they are read again.
            Some(ReadingResult::Complete { .. }) => return unread(StatementState::Waiting),
            Some(ReadingResult::Unreadable(why)) => return unread(StatementState::Unreadable(why)),
            None if !has_key => return unread(StatementState::NoKey),
            None => return unread(StatementState::Waiting),
        }
        judged(payout, lines)
    }
}

/// The statement of a payout as JSON: a contract of the command line and the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementJson {
    pub payout: ObjectId,
    pub currency: Currency,
    /// In minor units.
    pub amount: i64,
    pub status: PayoutStatus,
    pub automatic: bool,
    /// The day on which the bank is expected to have it: midnight in UTC, in Unix seconds.
    pub arrival_date: UnixSeconds,
    pub state: &'static str,
    pub reason: Option<&'static str>,
    pub lines: u64,
    pub sum_of_net: Option<i64>,
    pub parts: Option<Parts>,
    pub returned_by: Option<ObjectId>,
    pub differences: Vec<PayoutDifference>,
    /// Stripe's code of the failure.
    pub failure: Option<EnumWord>,
    pub livemode: bool,
}

impl StatementJson {
    /// Returns the statement of a payout.
    #[must_use]
    pub fn of(row: &PayoutRow, statement: &PayoutStatement) -> Self {
        let payout = row.payout.clone();
        Self {
            payout: payout.id,
            currency: payout.currency,
            amount: payout.amount,
            status: payout.status,
            automatic: payout.automatic,
            arrival_date: payout.arrives,
            state: statement.state.name(),
            reason: statement.state.reason(),
            lines: statement.lines,
            sum_of_net: statement.sums.map(|it| it.net),
            parts: statement.sums.map(|it| it.parts),
            returned_by: row.returned_by.clone(),
            differences: statement.differences.clone(),
            failure: payout.failure,
            livemode: payout.livemode,
        }
    }
}

impl PayoutStatement {
    /// Returns the amount by which the lines differ from the payout, if they do.
    #[must_use]
    pub fn off_by(&self) -> Option<i64> {
        self.differences.iter().find_map(|it| {
            if let PayoutDifference::Sum { amount } = it { Some(*amount) } else { None }
        })
    }
}

fn judged(payout: &Payout, all: &[StatementLine]) -> PayoutStatement {
    let of_payments = all.iter().filter(|it| it.line.is_of_payments());
    let (own, lines): (Vec<_>, Vec<_>) =
        of_payments.partition(|it| it.line.is_of_payout(&payout.id));
    let mut differences: Vec<_> = own_line(payout, &own).into_iter().collect();
    let mut sums = StatementSums { net: 0, parts: Parts::default() };
    for it in &lines {
        for difference in line_differences(payout, it) {
            // Each line of a payment shows the same.
            if !differences.contains(&difference) {
                differences.push(difference);
            }
        }
        let line = &it.line;
        sums.net = sums.net.saturating_add(line.net);
        // The own line of another payout cannot be a part of this one.
        let part = line.part().unwrap_or(Part::Other);
        sums.parts.add(Some(part), line.amount, line.fee, line.fee_tax);
    }
    let amount = sums.net.saturating_sub(payout.amount);
    differences.extend((amount != 0).then_some(PayoutDifference::Sum { amount }));
    let state =
        if differences.is_empty() { StatementState::Explained } else { StatementState::Differs };
    PayoutStatement { state, lines: lines.len() as u64, sums: Some(sums), differences }
}

/// Checks that the list has the payout's own line once, with its amount. A failed or canceled payout
/// may have that of its return beside it.
fn own_line(payout: &Payout, own: &[&StatementLine]) -> Option<PayoutDifference> {
    let mut payouts = own.iter().map(|it| &it.line).filter(|it| it.kind.as_str() == "payout");
    let (first, second) = (payouts.next(), payouts.next());
    match first {
        Some(line) if second.is_none() && line.amount == payout.amount.saturating_neg() => None,
        line => Some(PayoutDifference::OwnLine {
            line: line.map(|it| it.id.clone()),
            amount: line.map(|it| it.amount),
        }),
    }
}

fn line_differences(payout: &Payout, it: &StatementLine) -> Vec<PayoutDifference> {
    let StatementLine { line, also_in, .. } = it;
    let id = || line.id.clone();
    let off = line.net.saturating_sub(line.amount.saturating_sub(line.fee));
    let type_is_unknown = line.is_of_unknown_type() || line.part().is_none();
    let of_line = [
        (off != 0).then(|| PayoutDifference::LineArithmetic { line: id(), amount: off }),
        (line.currency != payout.currency)
            .then(|| PayoutDifference::Currency { line: id(), currency: line.currency.clone() }),
        type_is_unknown
            .then(|| PayoutDifference::TypeUnknown { line: id(), r#type: line.kind.clone() }),
        also_in.clone().map(|payout| PayoutDifference::InTwoPayouts { line: id(), payout }),
        source_difference(it),
    ];
    of_line.into_iter().flatten().collect()
}

/// Compares a line with the payment, the refund or the dispute that it is about, in the donor's
/// currency: no rate is ever used.
fn source_difference(it: &StatementLine) -> Option<PayoutDifference> {
    let line = &it.line;
    let source = line.source.as_ref()?;
    let (id, object) = (line.id.clone(), source.id.clone());
    let line_amount = source.amount.unwrap_or_default();
    match (line.part()?, &it.ledger) {
        (Part::Donations, None) => {
            let payment = source.payment.clone()?;
            Some(PayoutDifference::DonationUnknown { line: id, payment })
        }
        (Part::Donations, Some(ledger)) => donation_difference(it, source, ledger),
        (Part::Refunds, None) => Some(PayoutDifference::RefundUnknown { line: id, refund: object }),
        (Part::Refunds, Some(ledger)) => {
            (!ledger.has(source)).then_some(PayoutDifference::RefundAmount {
                refund: object,
                line_amount,
                ledger_amount: ledger.amount,
            })
        }
        (Part::Disputes, None) => {
            Some(PayoutDifference::DisputeUnknown { line: id, dispute: object })
        }
        _ => None,
    }
}

/// Of a paid donation Stripe captured what the ledger has. Where no currency was converted, the lines
/// of the payment also add up to it, so that a capture in part is right and a debit that bounced
/// while the ledger says paid is not.
fn donation_difference(
    it: &StatementLine,
    source: &LineSource,
    ledger: &LedgerView,
) -> Option<PayoutDifference> {
    let due = if ledger.paid { ledger.amount } else { 0 };
    let off = if ledger.paid && !ledger.has(source) {
        source.amount
    } else {
        (ledger.currency == it.line.currency && it.of_payment != due).then_some(it.of_payment)
    };
    let (payment, ledger_amount) = (source.payment.clone()?, due);
    off.map(|line_amount| PayoutDifference::DonationAmount { payment, line_amount, ledger_amount })
}

impl LedgerView {
    fn has(&self, source: &LineSource) -> bool {
        source.amount == Some(self.amount) && source.currency.as_ref() == Some(&self.currency)
    }
}
