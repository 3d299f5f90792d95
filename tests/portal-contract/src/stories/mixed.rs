//! Two endpoints with different API versions.

use super::{one_time, recurring};
use crate::stripe::{invoice_payment, new, new_invoice, old, old_invoice, payment, session};

stories! {
    /// Two endpoints, one gift.
    one_gift_in_two_api_versions: "An old endpoint and a new one both tell of a one-time gift" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(10, "checkout.session.completed", session("pi_1", "paid")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "checkout.session.completed", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// Two endpoints, one gift.
    one_renewal_in_two_api_versions: "An old endpoint and a new one both tell of a monthly gift" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
        old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        new(10, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
    ] => [recurring("in_1")]

    /// One version has the link that the other lacks.
    a_payment_in_the_old_api_with_its_invoice_in_the_new_one:
        "An old endpoint gets payments and a new one gets invoices" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
    ] => [recurring("in_1")]
}
