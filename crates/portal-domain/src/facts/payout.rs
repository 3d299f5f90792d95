//! Facts of a payout.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// Money that goes from the balance to the bank account, or back. Nothing of the bank account is
    /// kept. Source: <https://docs.stripe.com/api/payouts/object>.
    Payout {
        /// `po_…`
        id: Lenient<ObjectId>,
        /// In minor units; below zero where Stripe takes money from the bank account
        /// (<https://docs.stripe.com/payouts#negative-payouts>).
        amount: Option<i64>,
        /// The day on which the bank is expected to have it, as midnight in UTC.
        arrival_date: Lenient<UnixSeconds>,
        /// True if it was made by the schedule, false if by hand.
        automatic: Lenient<bool>,
        /// Its own entry in the balance.
        balance_transaction: Lenient<ObjectId>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The entry in the balance by which the money of a failed one came back.
        failure_balance_transaction: Lenient<ObjectId>,
        /// `account_closed`, `no_account`, ….
        failure_code: Lenient<EnumWord>,
        livemode: Lenient<bool>,
        /// `standard` or `instant`.
        method: Lenient<EnumWord>,
        /// The payout that this one reverses.
        original_payout: Lenient<ObjectId>,
        /// `completed`: its lines can be listed; `in_progress`: not yet; `not_applicable`: never.
        reconciliation_status: Lenient<EnumWord>,
        /// The payout that reverses this one.
        reversed_by: Lenient<ObjectId>,
        /// `card`, `bank_account` or `fpx`.
        source_type: Lenient<EnumWord>,
        /// `pending`, `in_transit`, `paid`, `failed` or `canceled`; even `paid` may become `failed`.
        status: Lenient<EnumWord>,
        /// `bank_account` or `card`.
        kind = "type": Lenient<EnumWord>,
    }
}
