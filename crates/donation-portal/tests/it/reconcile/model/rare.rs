//! Kinds of payments that most accounts never have.

use portal_testkit::stripe::{Account, Release, Verdict};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::reconcile::world::{BEGIN, DAY, HOUR, MINUTE};

/// A story in steps `after` seconds apart. In the end a percentage of the money is refunded.
#[derive(Clone, Debug)]
pub(super) struct Rare {
    at: i64,
    after: i64,
    amount: i64,
    part: i64,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// An authorisation of which this percentage is captured.
    Held { captured: i64, release: bool },
    /// An invoice paid in parts of these percentages.
    PaidInParts { parts: Vec<i64>, rest: Rest },
    /// One payment for two invoices, and perhaps another one for the first invoice; the first payment
    /// may be lost in a dispute.
    Shared { other: i64, also: Option<i64>, lost: bool },
    /// One payment that is greater than its invoice.
    Overpaid { more: i64 },
    /// Two payments for one invoice, which the second overpays.
    PaidTwice { more: i64 },
    /// A Checkout session that makes an invoice after the payment.
    Receipt { later: i64 },
    /// An out-of-band refund by a credit note, which may be voided.
    CashBack { void: bool },
    /// A customer's cash balance that is paid out, and funded by a refund and by a returned refund.
    CashBalance,
}

/// The treatment of the rest of a partly paid invoice.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Paid,
    Open,
    Void,
    WrittenOff,
}

impl Rare {
    pub(super) fn tell(&self, account: &mut Account) {
        let (amount, part) = (self.amount, self.part);
        match &self.shape {
            Shape::Held { captured, release } => {
                self.hold(account, amount * captured / 100, *release);
            }
            Shape::PaidInParts { parts, rest } => self.pay_in_parts(account, parts, *rest),
            Shape::Shared { other, also, lost } => self.share(account, *other, *also, *lost),
            Shape::Overpaid { more } => {
                let invoice = account.open_invoice(self.step(0), amount, "jpy");
                let payment = account.overpay_invoice(self.step(1), &invoice, *more);
                refund(account, &payment, self.step(2), (amount + more) * part / 100);
            }
            Shape::PaidTwice { more } => {
                let invoice = account.open_invoice(self.step(0), amount, "jpy");
                account.pay_invoices(self.step(1), &[(&invoice, amount)]);
                let again = account.pay_invoices(self.step(2), &[(&invoice, *more)]);
                refund(account, &again, self.step(3), more * part / 100);
            }
            Shape::Receipt { later } => {
                let receipt = account.one_time_with_receipt(self.step(0), *later, amount, "jpy");
                let at = self.step(1) + later;
                refund(account, &receipt.payment_intent, at, amount * part / 100);
            }
            Shape::CashBack { void } => self.give_cash_back(account, amount * part / 100, *void),
            Shape::CashBalance => self.use_cash_balance(account, amount * part / 100),
        }
    }

    fn step(&self, number: i64) -> i64 {
        BEGIN + 3 * HOUR + self.at + number * self.after
    }

    fn hold(&self, account: &mut Account, captured: i64, release: bool) {
        let payment = account.hold(self.step(0), self.amount, "jpy");
        if captured == 0 {
            account.release(&payment, self.step(1));
            return;
        }
        let release = if release { Release::Refund } else { Release::Charge };
        account.capture(&payment, self.step(1), captured, release);
        refund(account, &payment, self.step(2), captured * self.part / 100);
    }

    fn pay_in_parts(&self, account: &mut Account, parts: &[i64], rest: Rest) {
        let invoice = account.open_invoice(self.step(0), self.amount, "jpy");
        let mut paid = Vec::new();
        for (number, hundredths) in (1..).zip(parts) {
            let amount = self.amount * hundredths / 100;
            let payment = account.pay_invoices(self.step(number), &[(&invoice, amount)]);
            paid.push((payment, amount));
        }
        let ends_at = self.step(4);
        match rest {
            Rest::Paid => {
                let due = self.amount - paid.iter().map(|it| it.1).sum::<i64>();
                account.pay_invoices(ends_at, &[(&invoice, due)]);
            }
            Rest::Open => {}
            Rest::Void => account.void_invoice(&invoice, ends_at),
            Rest::WrittenOff => account.write_off_invoice(&invoice, ends_at),
        }
        if let Some((payment, amount)) = paid.first() {
            refund(account, payment, ends_at, amount * self.part / 100);
        }
    }

    fn share(&self, account: &mut Account, other: i64, also: Option<i64>, lost: bool) {
        let due = self.amount + also.unwrap_or(0);
        let first = account.open_invoice(self.step(0), due, "jpy");
        let second = account.open_invoice(self.step(0), other, "jpy");
        if let Some(also) = also {
            account.pay_invoices(self.step(1), &[(&first, also)]);
        }
        let both = [(first.as_str(), self.amount), (second.as_str(), other)];
        let payment = account.pay_invoices(self.step(2), &both);
        if lost {
            let dispute = account.dispute(&payment, self.step(3));
            account.close_dispute(&dispute, self.step(4), Verdict::Lost);
            return;
        }
        let half = (self.amount + other) * self.part / 200;
        refund(account, &payment, self.step(3), half);
        refund(account, &payment, self.step(4), half);
    }

    fn give_cash_back(&self, account: &mut Account, back: i64, void: bool) {
        let invoice = account.out_of_band(self.step(0), self.amount, "jpy");
        if back > 0 {
            let note = account.credit_out_of_band(&invoice, self.step(1), back);
            if void {
                account.void_credit_note(&note, self.step(2));
            }
        }
    }

    fn use_cash_balance(&self, account: &mut Account, back: i64) {
        account.refund_cash_balance(self.step(0), self.amount, "jpy");
        let payment = account.one_time(self.step(0), self.amount, "jpy");
        if back > 0 {
            account.refund_to_cash_balance(&payment, self.step(1), back);
        }
        if self.amount > back {
            let refund = account.refund(&payment, self.step(1), self.amount - back);
            account.end_in_cash_balance(&refund, self.step(2));
        }
    }
}

/// Refunds `amount`, unless it is 0, of which Stripe makes no refund.
fn refund(account: &mut Account, payment: &str, at: i64, amount: i64) {
    if amount > 0 {
        account.refund(payment, at, amount);
    }
}

pub(super) fn a_rare_story() -> impl Strategy<Value = Rare> {
    let amount = || 100..100_000_i64;
    let rest =
        prop_oneof![Just(Rest::Paid), Just(Rest::Open), Just(Rest::Void), Just(Rest::WrittenOff)];
    let shape = prop_oneof![
        (0..=100_i64, any::<bool>())
            .prop_map(|(captured, release)| Shape::Held { captured, release }),
        (vec(1..=30_i64, 1..4), rest).prop_map(|(parts, rest)| Shape::PaidInParts { parts, rest }),
        (amount(), proptest::option::of(amount()), any::<bool>())
            .prop_map(|(other, also, lost)| Shape::Shared { other, also, lost }),
        amount().prop_map(|more| Shape::Overpaid { more }),
        amount().prop_map(|more| Shape::PaidTwice { more }),
        (0..HOUR).prop_map(|later| Shape::Receipt { later }),
        any::<bool>().prop_map(|void| Shape::CashBack { void }),
        Just(Shape::CashBalance),
    ];
    // Half of the stories have no refund.
    let part = prop_oneof![Just(0), 0..=100_i64];
    (0..DAY, MINUTE..6 * HOUR, amount(), part, shape)
        .prop_map(|(at, after, amount, part, shape)| Rare { at, after, amount, part, shape })
}
