//! Two endpoints with different API versions.

use super::{Story, one_time, recurring};
use crate::stripe::{invoice_payment, new, new_invoice, old, old_invoice, payment, session};

/// Two endpoints, one gift.
#[must_use]
pub fn one_gift_in_two_api_versions() -> Story {
    Story {
        title: "An old endpoint and a new one both tell of a one-time gift",
        told: vec![
            old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
            old(10, "checkout.session.completed", session("pi_1", "paid")),
            new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
            new(10, "checkout.session.completed", session("pi_1", "paid")),
        ],
        due: vec![one_time("pi_1")],
    }
}

/// Two endpoints, one gift.
#[must_use]
pub fn one_renewal_in_two_api_versions() -> Story {
    Story {
        title: "An old endpoint and a new one both tell of a monthly gift",
        told: vec![
            old(
                9,
                "payment_intent.succeeded",
                payment("pi_1", "succeeded").with("invoice", "in_1"),
            ),
            old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
            new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
            new(10, "invoice.paid", new_invoice("in_1", "paid")),
            new(10, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        ],
        due: vec![recurring("in_1")],
    }
}

/// One version has the link that the other lacks.
#[must_use]
pub fn a_payment_in_the_old_api_with_its_invoice_in_the_new_one() -> Story {
    Story {
        title: "An old endpoint gets payments and a new one gets invoices",
        told: vec![
            old(
                9,
                "payment_intent.succeeded",
                payment("pi_1", "succeeded").with("invoice", "in_1"),
            ),
            new(10, "invoice.paid", new_invoice("in_1", "paid")),
        ],
        due: vec![recurring("in_1")],
    }
}
