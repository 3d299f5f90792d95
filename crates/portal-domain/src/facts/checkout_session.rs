//! Facts of a visit to Stripe Checkout.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// A visit to the payment page. Source: <https://docs.stripe.com/api/checkout/sessions/object>.
    CheckoutSession {
        /// `cs_…`
        id: Maybe<ObjectId>,
        /// The sum before discounts and taxes, in minor units.
        amount_subtotal: Option<i64>,
        /// The sum after discounts and taxes, in minor units; money only where it is paid.
        amount_total: Option<i64>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amounts.
        currency: Maybe<Currency>,
        /// When the page closes, in seconds.
        expires_at: Maybe<UnixSeconds>,
        /// The invoice, where the visit made one.
        invoice: Maybe<ObjectId>,
        /// The making of an invoice of the payment.
        invoice_creation: Maybe<InvoiceCreation>,
        /// Live money or a test.
        livemode: Maybe<bool>,
        /// `payment` (one gift), `subscription` (recurring) or `setup` (no money).
        mode: Maybe<Token>,
        /// The payment, in `payment` mode.
        payment_intent: Maybe<ObjectId>,
        /// The link that led to the page.
        payment_link: Maybe<ObjectId>,
        /// The ways to pay that are offered: `card`, `konbini`, ….
        payment_method_types: Maybe<Vec<Maybe<Token>>>,
        /// `paid`, `unpaid` (a voucher may be paid days later) or `no_payment_required`.
        payment_status: Maybe<Token>,
        /// The preparation of later payments, in `setup` mode.
        setup_intent: Maybe<ObjectId>,
        /// `open`, `complete` (the visit, not the payment) or `expired`.
        status: Maybe<Token>,
        /// What the button said: `donate`, `pay`, ….
        submit_type: Maybe<Token>,
        /// The subscription, in `subscription` mode.
        subscription: Maybe<ObjectId>,
        /// What lies between the two sums.
        total_details: Maybe<TotalDetails>,
    }
}

facts! {
    /// `invoice_creation` of a [`CheckoutSession`].
    InvoiceCreation {
        /// True where one is made once the payment has succeeded.
        enabled: Maybe<bool>,
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
