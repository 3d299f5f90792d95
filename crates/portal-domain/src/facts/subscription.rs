//! Facts of a recurring donation's schedule.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A recurring donation. Source: <https://docs.stripe.com/api/subscriptions/object>.
    Subscription {
        /// `sub_…`
        id: Lenient<ObjectId>,
        /// When it will be canceled, in seconds.
        cancel_at: Lenient<UnixSeconds>,
        /// Whether it ends with the current period.
        cancel_at_period_end: Lenient<bool>,
        /// When somebody canceled it, in seconds; it may run on until `ended_at`.
        canceled_at: Lenient<UnixSeconds>,
        /// Why it was canceled.
        cancellation_details: Lenient<CancellationDetails>,
        /// `charge_automatically` or `send_invoice`.
        collection_method: Lenient<EnumWord>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of its invoices.
        currency: Lenient<Currency>,
        /// Until when it is paid or asked for, in seconds; on the items since 2025-03-31.basil.
        current_period_end: Lenient<UnixSeconds>,
        /// When the period began, in seconds; on the items since 2025-03-31.basil.
        current_period_start: Lenient<UnixSeconds>,
        /// When it ended, in seconds.
        ended_at: Lenient<UnixSeconds>,
        /// What is given each period.
        items: Lenient<Items>,
        /// Its newest invoice.
        latest_invoice: Lenient<ObjectId>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// When it began, in seconds; may lie before `created`.
        start_date: Lenient<UnixSeconds>,
        /// `active`, `trialing`, `past_due`, `unpaid`, `paused`, `canceled`, ….
        status: Lenient<EnumWord>,
        /// Until when nothing is asked for, in seconds.
        trial_end: Lenient<UnixSeconds>,
        /// Since when nothing is asked for, in seconds.
        trial_start: Lenient<UnixSeconds>,
    }
}

facts! {
    /// `cancellation_details` of a [`Subscription`], without the donor's comment.
    CancellationDetails {
        /// What the donor picked: `too_expensive`, `unused`, `other`, ….
        feedback: Lenient<EnumWord>,
        /// What led to it: `cancellation_requested`, `payment_failed`, `payment_disputed`, ….
        reason: Lenient<EnumWord>,
    }
}

facts! {
    /// `items` of a [`Subscription`], one page of a list.
    Items {
        /// The items of that page.
        data: Lenient<Vec<Lenient<Item>>>,
    }
}

facts! {
    /// One item. Source: <https://docs.stripe.com/api/subscription_items/object>.
    Item {
        /// `si_…`
        id: Lenient<ObjectId>,
        /// Until when it is paid or asked for, in seconds; since 2025-03-31.basil.
        current_period_end: Lenient<UnixSeconds>,
        /// When the period began, in seconds; since 2025-03-31.basil.
        current_period_start: Lenient<UnixSeconds>,
        /// What one unit costs.
        price: Lenient<Price>,
        /// How many units.
        quantity: Lenient<i64>,
    }
}

facts! {
    /// A price. Source: <https://docs.stripe.com/api/prices/object>.
    Price {
        /// `price_…`
        id: Lenient<ObjectId>,
        /// Currency of `unit_amount`.
        currency: Lenient<Currency>,
        /// What is paid for (`prod_…`).
        product: Lenient<ObjectId>,
        /// How often it is asked for.
        recurring: Lenient<Recurring>,
        /// What one unit costs, in minor units; absent where that is no whole number.
        unit_amount: Option<i64>,
    }
}

facts! {
    /// `recurring` of a [`Price`].
    Recurring {
        /// `day`, `week`, `month` or `year`.
        interval: Lenient<EnumWord>,
        /// How many intervals lie between two invoices.
        interval_count: Lenient<i64>,
    }
}
