//! Facts of what a subscription asks for each period.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A bill. Source: <https://docs.stripe.com/api/invoices/object>.
    Invoice {
        /// `in_…`
        id: Lenient<ObjectId>,
        /// What is asked for after credit, in minor units.
        amount_due: Option<i64>,
        /// What was paid beyond that, in minor units; since 2025-03-31.basil.
        amount_overpaid: Option<i64>,
        /// What was paid, in minor units; with out-of-band money only since 2025-03-31.basil.
        amount_paid: Option<i64>,
        /// What is still missing, in minor units.
        amount_remaining: Option<i64>,
        /// How often it was tried to collect; manual tries after the first do not count.
        attempt_count: Lenient<i64>,
        /// Whether it was tried to collect.
        attempted: Lenient<bool>,
        /// Why it was made: `subscription_create`, `subscription_cycle`, `manual`, ….
        billing_reason: Lenient<EnumWord>,
        /// The charge that paid it; gone since 2025-03-31.basil.
        charge: Lenient<ObjectId>,
        /// `charge_automatically` or `send_invoice`.
        collection_method: Lenient<EnumWord>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amounts.
        currency: Lenient<Currency>,
        /// The customer's balance afterwards, in minor units; below zero it is credit.
        ending_balance: Option<i64>,
        /// What it is made of.
        lines: Lenient<Lines>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// When it will be tried again, in seconds.
        next_payment_attempt: Lenient<UnixSeconds>,
        /// Whether it is paid; gone since 2025-03-31.basil, where `status` says so.
        paid: Lenient<bool>,
        /// Whether it was paid outside Stripe; gone since 2025-03-31.basil.
        paid_out_of_band: Lenient<bool>,
        /// What asked for it; since 2025-03-31.basil.
        parent: Lenient<Parent>,
        /// The payment that pays it; gone since 2025-03-31.basil.
        payment_intent: Lenient<ObjectId>,
        /// Until when items were gathered for it, in seconds; the lines have the paid period.
        period_end: Lenient<UnixSeconds>,
        /// Since when items were gathered for it, in seconds.
        period_start: Lenient<UnixSeconds>,
        /// The customer's balance before, in minor units; below zero it is credit.
        starting_balance: Option<i64>,
        /// `draft`, `open`, `paid`, `uncollectible` or `void`.
        status: Lenient<EnumWord>,
        /// When its status changed.
        status_transitions: Lenient<StatusTransitions>,
        /// The subscription that asked for it; in `parent` since 2025-03-31.basil.
        subscription: Lenient<ObjectId>,
        /// The sum of the lines, in minor units, before discounts and taxes on the whole.
        subtotal: Option<i64>,
        /// The sum after discounts and taxes, in minor units, before credit.
        total: Option<i64>,
    }
}

facts! {
    /// `status_transitions` of an [`Invoice`].
    StatusTransitions {
        /// When it stopped being a draft, in seconds.
        finalized_at: Lenient<UnixSeconds>,
        /// When the money was given up, in seconds.
        marked_uncollectible_at: Lenient<UnixSeconds>,
        /// When it was paid, in seconds.
        paid_at: Lenient<UnixSeconds>,
        /// When it was declared void, in seconds.
        voided_at: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `parent` of an [`Invoice`].
    Parent {
        /// The subscription, where one asked for it.
        subscription_details: Lenient<SubscriptionDetails>,
        /// `subscription_details` or `quote_details`.
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}

facts! {
    /// `parent.subscription_details` of an [`Invoice`].
    SubscriptionDetails {
        /// `sub_…`
        subscription: Lenient<ObjectId>,
    }
}

facts! {
    /// `lines` of an [`Invoice`], one page of a list.
    Lines {
        /// The lines of that page.
        data: Lenient<Vec<Lenient<Line>>>,
    }
}

facts! {
    /// One line. Source: <https://docs.stripe.com/api/invoices/line_item>.
    Line {
        /// `il_…`
        id: Lenient<ObjectId>,
        /// What it adds to the invoice, in minor units; below zero for a proration's credit.
        amount: Option<i64>,
        /// Currency of the amount.
        currency: Lenient<Currency>,
        /// What asked for it; since 2025-03-31.basil.
        parent: Lenient<LineParent>,
        /// What time it pays for.
        period: Lenient<Period>,
        /// Its price; in `pricing` since 2025-03-31.basil.
        price: Lenient<Price>,
        /// Its price; since 2025-03-31.basil.
        pricing: Lenient<Pricing>,
        /// Whether it corrects a period that changed midway; in `parent` since 2025-03-31.basil.
        proration: Lenient<bool>,
        /// How many units.
        quantity: Lenient<i64>,
    }
}

facts! {
    /// `period` of a [`Line`].
    Period {
        /// Its end, in seconds.
        end: Lenient<UnixSeconds>,
        /// Its beginning, in seconds.
        start: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `parent` of a [`Line`]: one of the two is there.
    LineParent {
        /// Where an item was put on the invoice by itself.
        invoice_item_details: Lenient<ItemDetails>,
        /// Where a subscription asked for it.
        subscription_item_details: Lenient<ItemDetails>,
    }
}

facts! {
    /// What both kinds of [`LineParent`] tell.
    ItemDetails {
        /// Whether the line corrects a period that changed midway.
        proration: Lenient<bool>,
    }
}

facts! {
    /// `price` of a [`Line`].
    Price {
        /// `price_…`
        id: Lenient<ObjectId>,
        /// What is paid for (`prod_…`).
        product: Lenient<ObjectId>,
    }
}

facts! {
    /// `pricing` of a [`Line`].
    Pricing {
        /// The price, where the line has one.
        price_details: Lenient<PriceDetails>,
    }
}

facts! {
    /// `pricing.price_details` of a [`Line`].
    PriceDetails {
        /// `price_…`
        price: Lenient<ObjectId>,
        /// What is paid for (`prod_…`).
        product: Lenient<ObjectId>,
    }
}
