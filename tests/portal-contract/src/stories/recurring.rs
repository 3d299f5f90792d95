//! Recurring gifts.

use serde_json::json;

use super::{invoiced, one_time, recurring};
use crate::stripe::{
    Object, charge, invoice_payment, new, new_invoice, old, old_invoice, payment,
    subscribing_session, subscription,
};

fn declined() -> Object {
    payment("pi_1", "requires_payment_method")
        .with("last_payment_error", json!({"code": "card_declined", "type": "card_error"}))
}

stories! {
    /// Payment, charge, invoice and Checkout session belong to one donation.
    the_first_gift_of_a_subscription: "A donor begins to give every month" [
        old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded").with("invoice", "in_1")),
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
        old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
        old(10, "invoice.payment_succeeded", old_invoice("in_1", "paid", "pi_1")),
        old(12, "checkout.session.completed", subscribing_session("in_1")),
    ] => [recurring("in_1")]

    /// The payment does not name its invoice; another event does.
    the_first_gift_of_a_subscription_in_the_new_api:
        "A donor begins to give every month; the new API names the invoice elsewhere" [
        new(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        new(10, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        new(12, "checkout.session.completed", subscribing_session("in_1")),
    ] => [recurring("in_1")]

    /// The invoice is a draft, then open, then paid.
    a_renewal: "A month has passed, and the next gift is collected"
    where {
        let untried = old_invoice("in_1", "open", "pi_1").with("attempted", false);
    } [
        old(0, "invoice.created", old_invoice("in_1", "draft", "pi_1")),
        old(3600, "invoice.finalized", untried.with("attempt_count", 0)),
        old(3608, "charge.succeeded", charge("ch_1", "pi_1", "succeeded").with("invoice", "in_1")),
        old(3609, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
        old(3610, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
        old(3610, "invoice.payment_succeeded", old_invoice("in_1", "paid", "pi_1")),
    ] => [recurring("in_1")]

    /// The same donation in another API version.
    a_renewal_in_the_new_api: "A month has passed, and the next gift is collected, in the new API" [
        new(3608, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(3609, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(3610, "invoice.paid", new_invoice("in_1", "paid")),
        new(3610, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        new(3611, "customer.subscription.updated", subscription("active")),
    ] => [recurring("in_1")]

    /// The payment is provisional, and in fact belongs to the invoice.
    a_renewal_whose_link_is_not_reported:
        "The endpoint of the new API does not get invoice_payment.paid" [
        new(3608, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(3609, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(3610, "invoice.paid", new_invoice("in_1", "paid")),
    ] => [recurring("in_1"), one_time("pi_1").provisional()]

    /// A hint at an invoice of exactly this amount counts.
    a_renewal_that_only_hints_at_its_invoice:
        "The payment notes an invoice as its order; another one notes what is no invoice here"
    where {
        let hint = |pi: &str, invoice: &str| {
            payment(pi, "succeeded").with("payment_details", json!({"order_reference": invoice}))
        };
    } [
        new(3608, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(3609, "payment_intent.succeeded", hint("pi_1", "in_1")),
        new(3610, "invoice.paid", new_invoice("in_1", "paid")),
        new(3700, "payment_intent.succeeded", hint("pi_2", "in_2")),
    ] => [recurring("in_1"), one_time("pi_2").provisional()]

    /// The payment is provisional, because a merchant may write any reference.
    a_hint_at_an_invoice_of_another_sum:
        "Two payments note invoices as their orders, of which one was paid with another sum and \
         the other one in cash"
    where {
        let noted = payment("pi_1", "succeeded").with("amount_received", 400);
        let noted = noted.with("payment_details", json!({"order_reference": "in_1"}));
        let cash = new_invoice("in_2", "paid").with("attempted", false);
        let of_cash = json!({"order_reference": "in_2"});
    } [
        new(9, "payment_intent.succeeded", noted),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        new(
            9,
            "payment_intent.succeeded",
            payment("pi_2", "succeeded").with("payment_details", of_cash),
        ),
        new(10, "invoice.paid", cash),
    ] => [
        recurring("in_1"),
        one_time("pi_1").of(400, "jpy").provisional(),
        recurring("in_2").out_of_band(),
        one_time("pi_2").provisional(),
    ]

    /// It is known to be an invoice, but not yet to be recurring.
    a_renewal_of_which_only_the_payment_is_reported:
        "The endpoint gets payments only, and they name an invoice" [
        old(3608, "charge.succeeded", charge("ch_1", "pi_1", "succeeded").with("invoice", "in_1")),
        old(3609, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
    ] => [invoiced("in_1")]

    /// The second attempt belongs to the same invoice and the same payment.
    a_renewal_that_fails_and_is_paid_later: "The card is declined; three days later it is taken"
    where {
        let paid = charge("ch_2", "pi_1", "succeeded").with("invoice", "in_1");
    } [
        old(1, "charge.failed", charge("ch_1", "pi_1", "failed").with("invoice", "in_1")),
        old(1, "payment_intent.payment_failed", declined().with("invoice", "in_1")),
        old(2, "invoice.payment_failed", old_invoice("in_1", "open", "pi_1")),
        old(2, "customer.subscription.updated", subscription("past_due")),
        old(90_000, "charge.succeeded", paid),
        old(
            90_000,
            "payment_intent.succeeded",
            payment("pi_1", "succeeded").with("invoice", "in_1"),
        ),
        old(90_001, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
    ] => [recurring("in_1")]

    /// The same story in another API version.
    a_renewal_that_fails_and_is_paid_later_in_the_new_api:
        "The card is declined; three days later it is taken, in the new API" [
        new(1, "payment_intent.payment_failed", declined()),
        new(2, "invoice.payment_failed", new_invoice("in_1", "open")),
        new(90_000, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(90_001, "invoice.paid", new_invoice("in_1", "paid")),
        new(90_001, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
    ] => [recurring("in_1")]

    /// There is one failed donation.
    a_renewal_that_is_given_up: "The card is declined again and again, and the subscription ends" [
        old(1, "payment_intent.payment_failed", declined().with("invoice", "in_1")),
        old(2, "invoice.payment_failed", old_invoice("in_1", "open", "pi_1")),
        old(90_002, "invoice.payment_failed", old_invoice("in_1", "open", "pi_1")),
        old(99_000, "invoice.marked_uncollectible", old_invoice("in_1", "uncollectible", "pi_1")),
        old(99_001, "customer.subscription.deleted", subscription("canceled")),
    ] => [recurring("in_1").failed()]
}
