//! The lines of payments, refunds and disputes.

use crate::stripe::account::Account;
use crate::stripe::balance::{Line, LineKind, Listing};
use crate::stripe::object::{Method, Object, ObjectKind};
use crate::stripe::rates::{DISPUTE_FEE, Fee, converted, fee_of, rate_of, when_available};

const CHARGE: LineKind = LineKind::of("charge", "charge", "donations");
/// A payment by a local method.
const PAYMENT: LineKind = LineKind::of("payment", "charge", "donations");
/// The rest of an authorisation.
const RELEASED: LineKind = LineKind::of("refund", "partial_capture_reversal", "donations");
const REFUND: LineKind = LineKind::of("refund", "refund", "refunds");
const PAYMENT_REFUND: LineKind = LineKind::of("payment_refund", "refund", "refunds");
const REFUND_FAILURE: LineKind = LineKind::of("refund_failure", "refund_failure", "refunds");
const DISPUTE: LineKind = LineKind::of("adjustment", "dispute", "disputes");
const DISPUTE_REVERSAL: LineKind = LineKind::of("adjustment", "dispute_reversal", "disputes");

impl Account {
    /// Tells of a charge whose money came, and books it; the line has the amount `charged`.
    pub(crate) fn charge_came(
        &mut self,
        at: i64,
        charge: &Object,
        charged: i64,
        types: &[&'static str],
    ) {
        let later = self.balance.lines_after;
        self.tell(at, &Object { has_line: later.is_none(), ..charge.clone() }, types);
        let visible_at = at + later.unwrap_or_default();
        if later.is_some() {
            let listed = Object { has_line: true, ..charge.clone() };
            self.tell(visible_at, &listed, &["charge.updated"]);
        }
        let kind = if charge.method == Method::Konbini { PAYMENT } else { CHARGE };
        let line = self.line_for(kind, at, charge, charged, at);
        let collected = self.in_balance(charge, charge.collected, at).0;
        let fee = fee_of(charge.method, collected, line.rate.is_some());
        let line = Line { visible_at, available_on: when_available(at), ..line }.with(fee);
        self.book(line);
    }

    /// Books the released rest of an authorisation whose line has all of it.
    pub(crate) fn book_release(&mut self, at: i64, refund: &Object) {
        let line = self.line_for(RELEASED, at, refund, -refund.amount, refund.created);
        self.book(Line { available_on: when_available(at), ..line });
    }

    pub(crate) fn book_refund(&mut self, at: i64, refund: &Object, method: Method) {
        let kind = if method == Method::Konbini { PAYMENT_REFUND } else { REFUND };
        let line = self.line_for(kind, at, refund, -refund.amount, at);
        self.book(line);
    }

    /// Books a dispute together with its fee, as one line.
    pub(crate) fn book_dispute(&mut self, at: i64, dispute: &Object) {
        let line = self.line_for(DISPUTE, at, dispute, -dispute.amount, at);
        let line = Line { rate: None, available_on: when_available(at), ..line };
        self.book(line.with(Fee { whole: DISPUTE_FEE, tax: 0 }));
    }

    /// Books a dispute that was won; the fee is given back, as a negative one.
    pub(crate) fn book_reversal(&mut self, at: i64, dispute: &Object) {
        let line = self.line_for(DISPUTE_REVERSAL, at, dispute, dispute.amount, at);
        let line = Line { id: return_id(&dispute.id), rate: None, ..line };
        let line = Line { available_on: when_available(at), ..line };
        self.book(line.with(Fee { whole: -DISPUTE_FEE, tax: 0 }));
    }

    /// Fails a refund, at time `at`: its money is in the balance again
    /// (<https://docs.stripe.com/refunds#failed-refunds>).
    ///
    /// `refund.failed`.
    pub fn fail_refund(&mut self, refund: &str, at: i64) {
        let sent = self.known(ObjectKind::Refund, refund);
        let payment = sent.payment_intent.clone().unwrap_or_default();
        let charge = self.charge_of(&payment);
        let charge = Object { refunded: charge.refunded - sent.amount, ..charge };
        self.tell(at, &charge, &[]);
        self.money(&payment).returned.push((at, -sent.amount));
        let failed = Object { status: "failed", ..sent };
        self.tell(at, &failed, &["refund.failed"]);
        let line = self.line_for(REFUND_FAILURE, at, &failed, failed.amount, failed.created);
        self.book(Line { id: return_id(refund), ..line });
    }

    /// Returns a line about that object, which can be paid out at once, with the amount converted
    /// at the rate of `rate_at`.
    fn line_for(
        &self,
        kind: LineKind,
        at: i64,
        source: &Object,
        amount: i64,
        rate_at: i64,
    ) -> Line {
        let (amount, rate) = self.in_balance(source, amount, rate_at);
        Line {
            id: line_id(&source.id),
            amount,
            rate,
            source: Some((source.kind, source.id.clone())),
            payment: source.payment_intent.clone(),
            ..Line::new(kind, at, self.balance.currency_for(source.currency))
        }
    }

    /// Returns the amount in the balance's currency, and the rate if it was converted.
    fn in_balance(&self, source: &Object, amount: i64, at: i64) -> (i64, Option<i64>) {
        if self.balance.currency_for(source.currency) == source.currency {
            return (amount, None);
        }
        let rate = rate_of(source.currency, at);
        (converted(amount, rate), Some(rate))
    }

    pub(super) fn book(&mut self, line: Line) {
        let (id, created) = (line.id.clone(), line.created);
        self.balance.lines.put(&id, created, line);
    }
}

impl Line {
    /// Returns an empty line, which can be paid out at once.
    pub(super) fn new(kind: LineKind, at: i64, currency: &'static str) -> Self {
        Self {
            id: String::new(),
            kind,
            amount: 0,
            fee: 0,
            fee_tax: 0,
            currency,
            rate: None,
            created: at,
            available_on: at,
            visible_at: at,
            source: None,
            payment: None,
            payout: None,
            kept_back: false,
            whole: None,
            listing: Listing::Right,
        }
    }

    fn with(self, fee: Fee) -> Self {
        Self { fee: fee.whole, fee_tax: fee.tax, ..self }
    }
}

/// Returns the id of the first line about an object.
pub(crate) fn line_id(source: &str) -> String {
    let (_, rest) = source.split_once('_').unwrap_or_default();
    format!("txn_{rest}")
}

/// Returns the id of the line that gives the money of the first one back.
pub(crate) fn return_id(source: &str) -> String {
    format!("{}r", line_id(source))
}
