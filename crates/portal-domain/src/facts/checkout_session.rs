//! Facts of a visit to Stripe Checkout.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A visit to the payment page. Source: <https://docs.stripe.com/api/checkout/sessions/object>.
    CheckoutSession {
        /// `cs_…`
        id: Lenient<ObjectId>,
        /// The sum before discounts and taxes, in minor units.
        amount_subtotal: Option<i64>,
        /// The sum after discounts and taxes, in minor units; money only where it is paid.
        amount_total: Option<i64>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amounts.
        currency: Lenient<Currency>,
        /// When the page closes, in seconds.
        expires_at: Lenient<UnixSeconds>,
        /// The invoice, where the visit made one.
        invoice: Lenient<ObjectId>,
        /// The making of an invoice of the payment.
        invoice_creation: Lenient<InvoiceCreation>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// `payment` (one gift), `subscription` (recurring) or `setup` (no money).
        mode: Lenient<EnumWord>,
        /// The payment, in `payment` mode.
        payment_intent: Lenient<ObjectId>,
        /// The link that led to the page.
        payment_link: Lenient<ObjectId>,
        /// The ways to pay that are offered: `card`, `konbini`, ….
        payment_method_types: Lenient<Vec<Lenient<EnumWord>>>,
        /// `paid`, `unpaid` (a voucher may be paid days later) or `no_payment_required`.
        payment_status: Lenient<EnumWord>,
        /// The preparation of later payments, in `setup` mode.
        setup_intent: Lenient<ObjectId>,
        /// `open`, `complete` (the visit, not the payment) or `expired`.
        status: Lenient<EnumWord>,
        /// What the button said: `donate`, `pay`, ….
        submit_type: Lenient<EnumWord>,
        /// The subscription, in `subscription` mode.
        subscription: Lenient<ObjectId>,
        /// What lies between the two sums.
        total_details: Lenient<TotalDetails>,
    }
}

facts! {
    /// `invoice_creation` of a [`CheckoutSession`].
    InvoiceCreation {
        /// True where one is made once the payment has succeeded.
        enabled: Lenient<bool>,
    }
}

facts! {
    /// `total_details` of a [`CheckoutSession`].
    TotalDetails {
        /// The sum of the discounts, in minor units.
        amount_discount: Option<i64>,
        /// What shipping costs, in minor units.
        amount_shipping: Option<i64>,
        /// The sum of the taxes, in minor units.
        amount_tax: Option<i64>,
    }
}
