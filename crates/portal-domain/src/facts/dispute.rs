//! Facts of a dispute.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A dispute. Source: <https://docs.stripe.com/api/disputes/object>.
    Dispute {
        /// `du_…` or `dp_…`
        id: Lenient<ObjectId>,
        /// The contested amount, in minor units; may differ from the charge's.
        amount: Option<i64>,
        /// The withdrawals from the account's balance, and their reversals.
        balance_transactions: Lenient<Vec<Lenient<BalanceTransaction>>>,
        charge: Lenient<ObjectId>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The progress of the answer, without the evidence itself, which names the donor.
        evidence_details: Lenient<EvidenceDetails>,
        /// True if a refund would still end the dispute.
        is_charge_refundable: Lenient<bool>,
        livemode: Lenient<bool>,
        /// The network's code for the reason, such as `10.4`; one with capitals is dropped.
        network_reason_code: Lenient<EnumWord>,
        payment_intent: Lenient<ObjectId>,
        payment_method_details: Lenient<PaymentMethodDetails>,
        /// `fraudulent`, `duplicate`, `unrecognized`, ….
        reason: Lenient<EnumWord>,
        /// `needs_response`, `under_review`, `won`, `lost`, …; no money moves in `warning_…`.
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// One of `balance_transactions` of a [`Dispute`].
    BalanceTransaction {
        /// The gross amount, in minor units; below zero for a withdrawal.
        amount: Option<i64>,
    }
}

facts! {
    /// `evidence_details` of a [`Dispute`].
    EvidenceDetails {
        /// The deadline for evidence, in Unix seconds; 0 if none is accepted.
        due_by: Lenient<UnixSeconds>,
        /// True if evidence has been prepared.
        has_evidence: Lenient<bool>,
        /// True if evidence was last submitted after `due_by`.
        past_due: Lenient<bool>,
        submission_count: Lenient<i64>,
    }
}

facts! {
    /// `payment_method_details` of a [`Dispute`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `klarna`, `paypal`, ….
        kind = "type": Lenient<EnumWord>,
    }
}
