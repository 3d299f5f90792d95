//! Stories of payouts that do not stay paid.

use super::payments::return_id;
use crate::stripe::account::Account;
use crate::stripe::balance::{Line, LineKind};
use crate::stripe::object::{Object, ObjectKind};

const FAILURE: LineKind = LineKind::of("payout_failure", "payout_reversal", "returned_payouts");
const CANCEL: LineKind = LineKind::of("payout_cancel", "payout_reversal", "returned_payouts");

impl Account {
    /// Fails a payout, also one that was paid: its money is in the balance again. The code is one of
    /// <https://docs.stripe.com/api/payouts/failures>. Returns the id of the line of its return.
    ///
    /// `payout.failed`, `payout.updated`.
    pub fn fail_payout(&mut self, payout: &str, at: i64, code: &'static str) -> String {
        let ended = Object { status: "failed", reason: Some(code), ..self.payout_at(payout, at) };
        self.tell(at, &ended, &["payout.failed", "payout.updated"]);
        self.give_back(FAILURE, at, &ended)
    }

    /// Cancels a payout that has not left yet. Returns the id of the line of its return.
    ///
    /// `payout.canceled`, `payout.updated`.
    pub fn cancel_payout(&mut self, payout: &str, at: i64) -> String {
        let ended = Object { status: "canceled", ..self.payout_at(payout, at) };
        self.tell(at, &ended, &["payout.canceled", "payout.updated"]);
        self.give_back(CANCEL, at, &ended)
    }

    /// Returns the payout as it is at that time, and takes back what was told of it for later.
    fn payout_at(&mut self, payout: &str, at: i64) -> Object {
        self.untell(ObjectKind::Payout, payout, at);
        self.known(ObjectKind::Payout, payout)
    }

    fn give_back(&mut self, kind: LineKind, at: i64, payout: &Object) -> String {
        let id = return_id(&payout.id);
        self.book(Line {
            id: id.clone(),
            amount: payout.amount,
            source: Some((ObjectKind::Payout, payout.id.clone())),
            ..Line::new(kind, at, payout.currency)
        });
        id
    }
}
