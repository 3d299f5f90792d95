//! Stories of refunds and disputes.

use super::Account;
use crate::stripe::object::{Feature, Object, ObjectKind};

/// The outcome of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Won,
    Lost,
}

impl Account {
    /// Refunds a part or all of a payment. Returns the refund's id.
    ///
    /// `charge.refunded`, `refund.created`.
    pub fn refund(&mut self, payment: &str, at: i64, amount: i64) -> String {
        self.refund_with(payment, at, amount, None)
    }

    pub(super) fn refund_with(
        &mut self,
        payment: &str,
        at: i64,
        amount: i64,
        feature: Option<Feature>,
    ) -> String {
        let charge = self.charge_of(payment);
        let charge = Object { refunded: charge.refunded + amount, ..charge };
        self.tell(at, &charge, &["charge.refunded"]);
        let refund = self.refund_of(&charge, at, amount, feature);
        self.book_refund(at, &refund, charge.method);
        self.money(payment).returned.push((at, amount));
        refund.id
    }

    /// Creates the Refund of a charge.
    pub(super) fn refund_of(
        &mut self,
        charge: &Object,
        at: i64,
        amount: i64,
        feature: Option<Feature>,
    ) -> Object {
        let refund = Object {
            status: "succeeded",
            payment_intent: charge.payment_intent.clone(),
            charge: Some(charge.id.clone()),
            feature,
            ..self.new_object(ObjectKind::Refund, at, amount, charge.currency)
        };
        self.tell(at, &refund, &["refund.created"]);
        refund
    }

    /// Disputes the rest of a payment. Returns the dispute's id.
    ///
    /// `charge.dispute.created`, `charge.dispute.funds_withdrawn`.
    pub fn dispute(&mut self, payment: &str, at: i64) -> String {
        let charge = Object { disputed: true, ..self.charge_of(payment) };
        self.tell(at, &charge, &[]);
        let amount = charge.amount - charge.refunded;
        let dispute = Object {
            status: "needs_response",
            payment_intent: Some(payment.to_owned()),
            charge: Some(charge.id),
            ..self.new_object(ObjectKind::Dispute, at, amount, charge.currency)
        };
        self.tell(at, &dispute, &["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
        self.book_dispute(at, &dispute);
        dispute.id
    }

    /// Closes a dispute.
    ///
    /// `charge.dispute.closed`, and if it is won `charge.dispute.funds_reinstated`.
    pub fn close_dispute(&mut self, dispute: &str, at: i64, verdict: Verdict) {
        let open = self.known(ObjectKind::Dispute, dispute);
        match verdict {
            Verdict::Won => {
                let types = ["charge.dispute.closed", "charge.dispute.funds_reinstated"];
                self.book_reversal(at, &open);
                self.tell(at, &Object { status: "won", ..open }, &types);
            }
            Verdict::Lost => {
                let payment = open.payment_intent.clone().unwrap_or_default();
                self.money(&payment).lost.push((at, open.amount));
                self.tell(at, &Object { status: "lost", ..open }, &["charge.dispute.closed"]);
            }
        }
    }

    pub(crate) fn charge_of(&self, payment: &str) -> Object {
        let charge = self.known(ObjectKind::PaymentIntent, payment).charge;
        self.known(ObjectKind::Charge, &charge.unwrap_or_default())
    }
}
