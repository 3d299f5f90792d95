//! Facts of a payment that the donor's bank contests.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A contested payment. Source: <https://docs.stripe.com/api/disputes/object>.
    Dispute {
        /// `du_…` or `dp_…`
        id: Lenient<ObjectId>,
        /// What is contested, in minor units; may differ from the charge.
        amount: Option<i64>,
        /// The money that was taken from the account, and what came back of it.
        balance_transactions: Lenient<Vec<Lenient<BalanceTransaction>>>,
        /// The charge that is contested.
        charge: Lenient<ObjectId>,
        /// When it was opened, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amount.
        currency: Lenient<Currency>,
        /// How far the answer to it is; without the evidence, which names the donor.
        evidence_details: Lenient<EvidenceDetails>,
        /// Whether a refund would still end it.
        is_charge_refundable: Lenient<bool>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// The network's number for the reason, such as `10.4`; one with capitals is dropped.
        network_reason_code: Lenient<EnumWord>,
        /// The payment that is contested.
        payment_intent: Lenient<ObjectId>,
        /// What it was paid with.
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
        /// Its gross amount, in minor units; less than 0 where money was taken.
        amount: Option<i64>,
    }
}

facts! {
    /// `evidence_details` of a [`Dispute`].
    EvidenceDetails {
        /// Until when evidence is taken, in seconds; 0 where none is taken at all.
        due_by: Lenient<UnixSeconds>,
        /// Whether evidence has been prepared.
        has_evidence: Lenient<bool>,
        /// Whether evidence was last sent after `due_by`.
        past_due: Lenient<bool>,
        /// How often evidence was sent.
        submission_count: Lenient<i64>,
    }
}

facts! {
    /// `payment_method_details` of a [`Dispute`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `klarna`, `paypal`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}
