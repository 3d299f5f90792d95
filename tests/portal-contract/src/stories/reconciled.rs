//! Gifts that are read from Stripe's API.

use super::{invoiced, one_time, recurring};
use crate::stripe::{
    charge, invoice, invoice_payment, new, new_invoice, no_invoice, observed, old, payment, refund,
    session, thin,
};

stories! {
    /// No event arrived, and yet the ledger is complete.
    a_gift_that_was_never_reported:
        "Stripe made no event of a gift; its API shows the payment, and that it has no invoice" [
        observed(500, payment("pi_1", "succeeded")),
        observed(500, charge("ch_1", "pi_1", "succeeded")),
        observed(501, no_invoice("pi_1")),
    ] => [one_time("pi_1")]

    /// The object from the API has the same values as the delivery.
    a_gift_that_was_reported_and_observed: "A gift is delivered, and observed twice as well" [
        new(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "checkout.session.completed", session("pi_1", "paid")),
        observed(5, payment("pi_1", "processing")),
        observed(500, payment("pi_1", "succeeded")),
    ] => [one_time("pi_1")]

    /// The present object includes its later changes.
    a_refund_that_only_the_object_reports:
        "The first part that goes back is delivered, and the charge shows both" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 300)),
        observed(500, charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 700)),
    ] => [one_time("pi_1").refunded(700)]

    /// Only the look-up at Stripe proves that there is no invoice.
    a_provisional_gift_that_is_looked_up:
        "The endpoint gets payments only, and Stripe names no invoice when it is asked" [
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_2", "succeeded")),
        observed(500, no_invoice("pi_1")),
    ] => [one_time("pi_1"), one_time("pi_2").provisional()]

    /// The object has no time at which it was paid; its charge was made when the debit began.
    a_gift_that_was_dated_before_it_was_looked_at:
        "A debit of five days is told when the money has come, and then Stripe is asked" [
        new(432_000, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        observed(500_000, payment("pi_1", "succeeded").with("amount_received", 1000)),
        observed(500_000, charge("ch_1", "pi_1", "succeeded")),
        observed(500_000, no_invoice("pi_1")),
    ] => [one_time("pi_1").paid_after(432_000)]

    /// The payment is no donation of its own.
    a_renewal_that_is_looked_up:
        "The link to the invoice never arrives, and Stripe names it when it is asked" [
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        observed(500, invoice_payment("in_1", "pi_1")),
    ] => [recurring("in_1")]

    /// Checkout may make the invoice after the payment.
    an_invoice_that_was_made_after_the_lookup:
        "Stripe is asked before the invoice for the books is made" [
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        observed(10, no_invoice("pi_1")),
        new(20, "invoice.paid", invoice("in_1", "paid")),
        new(20, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
    ] => [invoiced("in_1")]

    /// Any firm evidence of an invoice outweighs an empty look-up.
    a_lookup_beside_each_firm_link:
        "Three renewals, linked by a field, by a visit and by the link, looked up too early" [
        observed(1, no_invoice("pi_1")),
        old(9, "charge.succeeded", charge("ch_1", "pi_1", "succeeded").with("invoice", "in_1")),
        observed(1, no_invoice("pi_2")),
        new(9, "charge.succeeded", charge("ch_2", "pi_2", "succeeded")),
        new(9, "checkout.session.completed", session("pi_2", "paid").with("invoice", "in_2")),
        observed(1, no_invoice("pi_3")),
        new(9, "invoice_payment.paid", invoice_payment("in_3", "pi_3")),
    ] => [invoiced("in_1"), invoiced("in_2"), invoiced("in_3")]

    /// A merchant's own reference is no invoice if Stripe has none.
    a_hint_that_a_lookup_contradicts:
        "A payment's note looks like an invoice of just that sum, and Stripe names none"
    where {
        let hint = serde_json::json!({"order_reference": "in_1"});
    } [
        new(
            9,
            "payment_intent.succeeded",
            payment("pi_1", "succeeded").with("payment_details", hint),
        ),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        observed(500, no_invoice("pi_1")),
    ] => [recurring("in_1"), one_time("pi_1")]

    /// The same change arrives as an event and from the API.
    a_gift_that_is_reported_thin_and_whole:
        "One endpoint gets thin events and another one whole ones" [
        thin(9, "payment_intent.succeeded", payment("pi_1", "succeeded"), 60),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        thin(10, "checkout.session.completed", session("pi_1", "paid"), 61),
        new(10, "checkout.session.completed", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// The object is fetched later than the event was made.
    a_renewal_that_is_reported_thin_only:
        "A monthly gift is told thin, its failure after it was paid" [
        thin(5, "invoice.payment_failed", new_invoice("in_1", "paid"), 90),
        thin(10, "invoice.paid", new_invoice("in_1", "paid"), 60),
        thin(10, "invoice_payment.paid", invoice_payment("in_1", "pi_1"), 61),
        thin(9, "payment_intent.succeeded", payment("pi_1", "succeeded"), 62),
    ] => [recurring("in_1")]
}
