//! Facts of a recurring donation's schedule.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// A recurring donation. Source: <https://docs.stripe.com/api/subscriptions/object>.
    Subscription {
        /// `sub_…`
        id: Maybe<ObjectId>,
        /// When it will be canceled, in seconds.
        cancel_at: Maybe<UnixSeconds>,
        /// Whether it ends with the current period.
        cancel_at_period_end: Maybe<bool>,
        /// When somebody canceled it, in seconds; it may run on until `ended_at`.
        canceled_at: Maybe<UnixSeconds>,
        /// Why it was canceled.
        cancellation_details: Maybe<CancellationDetails>,
        /// `charge_automatically` or `send_invoice`.
        collection_method: Maybe<Token>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of its invoices.
        currency: Maybe<Currency>,
        /// Until when it is paid or asked for, in seconds; on the items since 2025-03-31.basil.
        current_period_end: Maybe<UnixSeconds>,
        /// When the period began, in seconds; on the items since 2025-03-31.basil.
        current_period_start: Maybe<UnixSeconds>,
        /// When it ended, in seconds.
        ended_at: Maybe<UnixSeconds>,
        /// What is given each period.
        items: Maybe<Items>,
        /// Its newest invoice.
        latest_invoice: Maybe<ObjectId>,
        /// Live money or a test.
        livemode: Maybe<bool>,
        /// When it began, in seconds; may lie before `created`.
        start_date: Maybe<UnixSeconds>,
        /// `active`, `trialing`, `past_due`, `unpaid`, `paused`, `canceled`, ….
        status: Maybe<Token>,
        /// Until when nothing is asked for, in seconds.
        trial_end: Maybe<UnixSeconds>,
        /// Since when nothing is asked for, in seconds.
        trial_start: Maybe<UnixSeconds>,
    }
}

facts! {
    /// `cancellation_details` of a [`Subscription`], without the donor's comment.
    CancellationDetails {
        /// What the donor picked: `too_expensive`, `unused`, `other`, ….
        feedback: Maybe<Token>,
        /// What led to it: `cancellation_requested`, `payment_failed`, `payment_disputed`, ….
        reason: Maybe<Token>,
    }
}

facts! {
    /// `items` of a [`Subscription`], one page of a list.
    Items {
        /// The items of that page.
        data: Maybe<Vec<Maybe<Item>>>,
    }
}

facts! {
    /// One item. Source: <https://docs.stripe.com/api/subscription_items/object>.
    Item {
        /// `si_…`
        id: Maybe<ObjectId>,
        /// Until when it is paid or asked for, in seconds; since 2025-03-31.basil.
        current_period_end: Maybe<UnixSeconds>,
        /// When the period began, in seconds; since 2025-03-31.basil.
        current_period_start: Maybe<UnixSeconds>,
        /// What one unit costs.
        price: Maybe<Price>,
        /// How many units.
        quantity: Maybe<i64>,
    }
}

facts! {
    /// A price. Source: <https://docs.stripe.com/api/prices/object>.
    Price {
        /// `price_…`
        id: Maybe<ObjectId>,
        /// Currency of `unit_amount`.
        currency: Maybe<Currency>,
        /// What is paid for (`prod_…`).
        product: Maybe<ObjectId>,
        /// How often it is asked for.
        recurring: Maybe<Recurring>,
        /// What one unit costs, in minor units; absent where that is no whole number.
        unit_amount: Option<i64>,
    }
}

facts! {
    /// `recurring` of a [`Price`].
    Recurring {
        /// `day`, `week`, `month` or `year`.
        interval: Maybe<Token>,
        /// How many intervals lie between two invoices.
        interval_count: Maybe<i64>,
    }
}
