//! Facts of a payment that the donor's bank contests.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// A contested payment. Source: <https://docs.stripe.com/api/disputes/object>.
    Dispute {
        /// `du_…` or `dp_…`
        id: Maybe<ObjectId>,
        /// What is contested, in minor units; may differ from the charge.
        amount: Option<i64>,
        /// The money that was taken from the account, and what came back of it.
        balance_transactions: Maybe<Vec<Maybe<BalanceTransaction>>>,
        /// The charge that is contested.
        charge: Maybe<ObjectId>,
        /// When it was opened, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amount.
        currency: Maybe<Currency>,
        /// How far the answer to it is; without the evidence, which names the donor.
        evidence_details: Maybe<EvidenceDetails>,
        /// Whether a refund would still end it.
        is_charge_refundable: Maybe<bool>,
        /// Live money or a test.
        livemode: Maybe<bool>,
        /// The network's number for the reason, such as `10.4`; one with capitals is dropped.
        network_reason_code: Maybe<Token>,
        /// The payment that is contested.
        payment_intent: Maybe<ObjectId>,
        /// What it was paid with.
        payment_method_details: Maybe<PaymentMethodDetails>,
        /// `fraudulent`, `duplicate`, `unrecognized`, ….
        reason: Maybe<Token>,
        /// `needs_response`, `under_review`, `won`, `lost`, …; no money moves in `warning_…`.
        status: Maybe<Token>,
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
        due_by: Maybe<UnixSeconds>,
        /// Whether evidence has been prepared.
        has_evidence: Maybe<bool>,
        /// Whether evidence was last sent after `due_by`.
        past_due: Maybe<bool>,
        /// How often evidence was sent.
        submission_count: Maybe<i64>,
    }
}

facts! {
    /// `payment_method_details` of a [`Dispute`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `klarna`, `paypal`, ….
        #[serde(rename = "type")]
        kind: Maybe<Token>,
    }
}
