//! Facts of a Checkout session.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A Checkout session. Source: <https://docs.stripe.com/api/checkout/sessions/object>.
    CheckoutSession {
        /// `cs_…`
        id: Lenient<ObjectId>,
        /// The sum before discounts and taxes, in minor units.
        amount_subtotal: Option<i64>,
        /// The sum after discounts and taxes, in minor units; received only if `payment_status` is
        /// `paid`.
        amount_total: Option<i64>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The expiry of the payment page, in Unix seconds.
        expires_at: Lenient<UnixSeconds>,
        /// The invoice, if the session created one.
        invoice: Lenient<ObjectId>,
        invoice_creation: Lenient<InvoiceCreation>,
        livemode: Lenient<bool>,
        /// `payment` (one-time), `subscription` (recurring) or `setup` (no money).
        mode: Lenient<EnumWord>,
        /// The payment, in `payment` mode.
        payment_intent: Lenient<ObjectId>,
        payment_link: Lenient<ObjectId>,
        /// The payment methods that are offered: `card`, `konbini`, ….
        payment_method_types: Lenient<Vec<Lenient<EnumWord>>>,
        /// `paid`, `unpaid` (a voucher may be paid days later) or `no_payment_required`.
        payment_status: Lenient<EnumWord>,
        /// The setup of later payments, in `setup` mode.
        setup_intent: Lenient<ObjectId>,
        /// `open`, `complete` (the session, not the payment) or `expired`.
        status: Lenient<EnumWord>,
        /// The label of the button: `donate`, `pay`, ….
        submit_type: Lenient<EnumWord>,
        /// The subscription, in `subscription` mode.
        subscription: Lenient<ObjectId>,
        /// The discounts, shipping and taxes between the two sums.
        total_details: Lenient<TotalDetails>,
    }
}

facts! {
    /// `invoice_creation` of a [`CheckoutSession`].
    InvoiceCreation {
        /// True if an invoice is created once the payment has succeeded.
        enabled: Lenient<bool>,
    }
}

facts! {
    /// `total_details` of a [`CheckoutSession`].
    TotalDetails {
        /// In minor units.
        amount_discount: Option<i64>,
        /// In minor units.
        amount_shipping: Option<i64>,
        /// In minor units.
        amount_tax: Option<i64>,
    }
}
