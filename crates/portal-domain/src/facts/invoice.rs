//! Facts of an invoice.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// An invoice. Source: <https://docs.stripe.com/api/invoices/object>.
    Invoice {
        /// `in_…`
        id: Lenient<ObjectId>,
        /// The amount due after credit, in minor units.
        amount_due: Option<i64>,
        /// The amount that was paid beyond it, in minor units; since 2025-03-31.basil.
        amount_overpaid: Option<i64>,
        /// The amount that was paid, in minor units; includes out-of-band money only since
        /// 2025-03-31.basil.
        amount_paid: Option<i64>,
        /// The amount still due, in minor units.
        amount_remaining: Option<i64>,
        /// The number of automatic attempts to collect it; manual ones after the first do not
        /// count.
        attempt_count: Lenient<i64>,
        /// True if Stripe has tried to collect it.
        attempted: Lenient<bool>,
        /// The reason of its creation: `subscription_create`, `subscription_cycle`, `manual`, ….
        billing_reason: Lenient<EnumWord>,
        /// The charge that paid it; removed in 2025-03-31.basil.
        charge: Lenient<ObjectId>,
        /// `charge_automatically` or `send_invoice`.
        collection_method: Lenient<EnumWord>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The customer's balance afterwards, in minor units; below zero it is credit.
        ending_balance: Option<i64>,
        lines: Lenient<Lines>,
        livemode: Lenient<bool>,
        /// Unix seconds.
        next_payment_attempt: Lenient<UnixSeconds>,
        /// Removed in 2025-03-31.basil, where `status` says the same.
        paid: Lenient<bool>,
        /// True if it was paid outside Stripe; removed in 2025-03-31.basil.
        paid_out_of_band: Lenient<bool>,
        /// The origin of the invoice; since 2025-03-31.basil.
        parent: Lenient<Parent>,
        /// The payment that pays it; removed in 2025-03-31.basil.
        payment_intent: Lenient<ObjectId>,
        /// The end of the time in which items were collected for it, in Unix seconds; the lines
        /// have the period that is paid for.
        period_end: Lenient<UnixSeconds>,
        /// The beginning of that time, in Unix seconds.
        period_start: Lenient<UnixSeconds>,
        /// The customer's balance before, in minor units; below zero it is credit.
        starting_balance: Option<i64>,
        /// `draft`, `open`, `paid`, `uncollectible` or `void`.
        status: Lenient<EnumWord>,
        status_transitions: Lenient<StatusTransitions>,
        /// The subscription that created it; in `parent` since 2025-03-31.basil.
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
        /// The end of the draft, in Unix seconds.
        finalized_at: Lenient<UnixSeconds>,
        /// Unix seconds.
        marked_uncollectible_at: Lenient<UnixSeconds>,
        /// Unix seconds.
        paid_at: Lenient<UnixSeconds>,
        /// Unix seconds.
        voided_at: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `parent` of an [`Invoice`].
    Parent {
        /// The subscription that created the invoice, if any.
        subscription_details: Lenient<SubscriptionDetails>,
        /// `subscription_details` or `quote_details`.
        kind = "type": Lenient<EnumWord>,
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
        /// The lines of the first page.
        data: Lenient<Vec<Lenient<Line>>>,
    }
}

facts! {
    /// One line. Source: <https://docs.stripe.com/api/invoices/line_item>.
    Line {
        /// `il_…`
        id: Lenient<ObjectId>,
        /// The part of the invoice's sum, in minor units; below zero for the credit of a proration.
        amount: Option<i64>,
        currency: Lenient<Currency>,
        /// The origin of the line; since 2025-03-31.basil.
        parent: Lenient<LineParent>,
        /// The period that it pays for.
        period: Lenient<Period>,
        /// In `pricing` since 2025-03-31.basil.
        price: Lenient<Price>,
        /// Since 2025-03-31.basil.
        pricing: Lenient<Pricing>,
        /// True if it corrects a period that changed midway; in `parent` since 2025-03-31.basil.
        proration: Lenient<bool>,
        quantity: Lenient<i64>,
    }
}

facts! {
    /// `period` of a [`Line`].
    Period {
        /// Unix seconds.
        end: Lenient<UnixSeconds>,
        /// Unix seconds.
        start: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `parent` of a [`Line`]; one of the two is set.
    LineParent {
        /// Set if an item was put on the invoice by itself.
        invoice_item_details: Lenient<ItemDetails>,
        /// Set if a subscription created the line.
        subscription_item_details: Lenient<ItemDetails>,
    }
}

facts! {
    /// The fields that both kinds of [`LineParent`] have in common.
    ItemDetails {
        /// True if the line corrects a period that changed midway.
        proration: Lenient<bool>,
    }
}

facts! {
    /// `price` of a [`Line`].
    Price {
        /// `price_…`
        id: Lenient<ObjectId>,
        /// The product (`prod_…`).
        product: Lenient<ObjectId>,
    }
}

facts! {
    /// `pricing` of a [`Line`].
    Pricing {
        price_details: Lenient<PriceDetails>,
    }
}

facts! {
    /// `pricing.price_details` of a [`Line`].
    PriceDetails {
        /// `price_…`
        price: Lenient<ObjectId>,
        /// The product (`prod_…`).
        product: Lenient<ObjectId>,
    }
}
