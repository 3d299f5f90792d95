//! Facts of a subscription.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A recurring donation. Source: <https://docs.stripe.com/api/subscriptions/object>.
    Subscription {
        /// `sub_…`
        id: Lenient<ObjectId>,
        /// The time of a planned cancellation, in Unix seconds.
        cancel_at: Lenient<UnixSeconds>,
        /// True if it ends with the current period.
        cancel_at_period_end: Lenient<bool>,
        /// The time of the cancellation, in Unix seconds; it may run on until `ended_at`.
        canceled_at: Lenient<UnixSeconds>,
        cancellation_details: Lenient<CancellationDetails>,
        /// `charge_automatically` or `send_invoice`.
        collection_method: Lenient<EnumWord>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// Unix seconds; on the items since 2025-03-31.basil.
        current_period_end: Lenient<UnixSeconds>,
        /// Unix seconds; on the items since 2025-03-31.basil.
        current_period_start: Lenient<UnixSeconds>,
        /// Unix seconds.
        ended_at: Lenient<UnixSeconds>,
        items: Lenient<Items>,
        latest_invoice: Lenient<ObjectId>,
        livemode: Lenient<bool>,
        /// Unix seconds; may be before `created`.
        start_date: Lenient<UnixSeconds>,
        /// `active`, `trialing`, `past_due`, `unpaid`, `paused`, `canceled`, ….
        status: Lenient<EnumWord>,
        /// Unix seconds.
        trial_end: Lenient<UnixSeconds>,
        /// Unix seconds.
        trial_start: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `cancellation_details` of a [`Subscription`], without the donor's comment.
    CancellationDetails {
        /// The donor's choice: `too_expensive`, `unused`, `other`, ….
        feedback: Lenient<EnumWord>,
        /// The cause: `cancellation_requested`, `payment_failed`, `payment_disputed`, ….
        reason: Lenient<EnumWord>,
    }
}

facts! {
    /// `items` of a [`Subscription`], one page of a list.
    Items {
        /// The items of the first page.
        data: Lenient<Vec<Lenient<Item>>>,
    }
}

facts! {
    /// One item. Source: <https://docs.stripe.com/api/subscription_items/object>.
    Item {
        /// `si_…`
        id: Lenient<ObjectId>,
        /// Unix seconds; since 2025-03-31.basil.
        current_period_end: Lenient<UnixSeconds>,
        /// Unix seconds; since 2025-03-31.basil.
        current_period_start: Lenient<UnixSeconds>,
        /// The price of one unit.
        price: Lenient<Price>,
        quantity: Lenient<i64>,
    }
}

facts! {
    /// A price. Source: <https://docs.stripe.com/api/prices/object>.
    Price {
        /// `price_…`
        id: Lenient<ObjectId>,
        currency: Lenient<Currency>,
        /// The product (`prod_…`).
        product: Lenient<ObjectId>,
        recurring: Lenient<Recurring>,
        /// The price of one unit, in minor units; absent if that is no whole number.
        unit_amount: Option<i64>,
    }
}

facts! {
    /// `recurring` of a [`Price`].
    Recurring {
        /// `day`, `week`, `month` or `year`.
        interval: Lenient<EnumWord>,
        /// The number of intervals between two invoices.
        interval_count: Lenient<i64>,
    }
}
