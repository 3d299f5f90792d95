//! Unusual invoices.

use portal_domain::DisputeState::Lost;
use serde_json::{Value, json};

use super::{invoiced, one_time, recurring};
use crate::stripe::{
    Object, charge, credit_note, dispute, invoice, invoice_payment, new, new_invoice, old,
    old_invoice, payment, refund, session, subscribing_session, subscription,
};

fn untried(invoice: Object) -> Object {
    invoice.with("attempted", false).with("attempt_count", 0)
}

fn canceled() -> Object {
    payment("pi_1", "canceled").with("cancellation_reason", "void_invoice")
}

stories! {
    /// The donation counts and is marked.
    paid_in_cash: "A donor pays this month's gift in cash, and it is marked as paid"
    where {
        let paid = untried(old_invoice("in_1", "paid", "pi_1"));
        let paid = paid.with("paid_out_of_band", true).with("amount_paid", 0);
    } [
        old(0, "invoice.finalized", untried(old_invoice("in_1", "open", "pi_1"))),
        old(500, "invoice.paid", paid),
        old(500, "payment_intent.canceled", canceled().with("invoice", "in_1")),
    ] => [recurring("in_1").out_of_band()]

    /// A void credit note does not count.
    cash_that_is_given_back: "A donor pays in cash, and 400 are given back in cash"
    where {
        let paid = untried(new_invoice("in_1", "paid"));
    } [
        new(500, "invoice.paid", paid),
        new(600, "credit_note.created", credit_note("cn_1", "in_1", "issued", 300)),
        new(700, "credit_note.voided", credit_note("cn_1", "in_1", "void", 300)),
        new(800, "credit_note.created", credit_note("cn_2", "in_1", "issued", 400)),
        // This credit note is refunded through Stripe, so a refund counts.
        new(900, "credit_note.created", credit_note("cn_3", "in_1", "issued", 0)),
    ] => [recurring("in_1").out_of_band().refunded(400)]

    /// No field shows it directly: the invoice is paid without any attempt to collect it.
    paid_in_cash_in_the_new_api:
        "A donor pays this month's gift in cash, and it is marked as paid, in the new API" [
        new(0, "invoice.finalized", untried(new_invoice("in_1", "open"))),
        new(500, "invoice.paid", untried(new_invoice("in_1", "paid"))),
        new(500, "payment_intent.canceled", canceled()),
    ] => [recurring("in_1").out_of_band()]

    /// The invoice has the amount 0.
    a_free_trial: "A donor begins with a month for free"
    where {
        let nothing = |invoice: Object| invoice.with("amount_due", 0).with("amount_paid", 0);
        let visit = subscribing_session("in_1").with("amount_total", 0);
    } [
        old(1, "customer.subscription.created", subscription("trialing")),
        old(
            1,
            "invoice.paid",
            nothing(old_invoice("in_1", "paid", "pi_1").with("payment_intent", Value::Null)),
        ),
        old(
            1,
            "invoice.payment_succeeded",
            nothing(old_invoice("in_1", "paid", "pi_1").with("payment_intent", Value::Null)),
        ),
        old(2, "checkout.session.completed", visit.with("payment_status", "no_payment_required")),
    ] => []

    /// The credit balance is no new money.
    paid_from_credit: "A month's gift is paid from what the donor has paid too much before"
    where {
        let paid = new_invoice("in_1", "paid").with("amount_due", 0).with("amount_paid", 0);
        let paid =
            paid.with("total", 1000).with("starting_balance", -3000).with("ending_balance", -2000);
    } [
        new(1, "invoice.paid", paid.clone()),
        new(1, "invoice.payment_succeeded", paid),
    ] => []

    /// The invoice is neither paid nor pending.
    an_invoice_that_is_declared_void:
        "An invoice is made by mistake and declared void, once in each API version" [
        old(0, "invoice.finalized", untried(old_invoice("in_1", "open", "pi_1"))),
        old(500, "payment_intent.canceled", canceled().with("invoice", "in_1")),
        old(500, "invoice.voided", untried(old_invoice("in_1", "void", "pi_1"))),
        new(0, "invoice.finalized", untried(new_invoice("in_2", "open"))),
        new(500, "invoice.voided", untried(new_invoice("in_2", "void"))),
    ] => []

    /// There is one donation, with the id of the invoice.
    a_gift_with_an_invoice_for_the_books:
        "Checkout makes an invoice after a one-time gift; the payment does not know of it yet" [
        old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(
            10,
            "invoice.paid",
            invoice("in_1", "paid")
                .with("payment_intent", "pi_1")
                .with("paid_out_of_band", false),
        ),
        old(11, "checkout.session.completed", session("pi_1", "paid").with("invoice", "in_1")),
    ] => [invoiced("in_1")]

    /// There is one donation, with the id of the invoice.
    a_gift_with_an_invoice_for_the_books_in_the_new_api:
        "Checkout makes an invoice after a one-time gift, in the new API" [
        new(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "invoice.paid", invoice("in_1", "paid")),
        new(10, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        new(11, "checkout.session.completed", session("pi_1", "paid").with("invoice", "in_1")),
    ] => [invoiced("in_1")]

    /// The invoice counts once.
    an_invoice_that_two_payments_paid: "A donor pays this month's gift with two cards"
    where {
        let part = |pi: &str, amount: i64| {
            payment(pi, "succeeded").with("amount", amount).with("amount_received", amount)
        };
    } [
        new(9, "payment_intent.succeeded", part("pi_1", 400)),
        new(9, "invoice_payment.paid", invoice_payment("in_1", "pi_1").with("amount_paid", 400)),
        new(19, "payment_intent.succeeded", part("pi_2", 600)),
        new(19, "invoice_payment.paid", invoice_payment("in_1", "pi_2").with("amount_paid", 600)),
        new(20, "invoice.paid", new_invoice("in_1", "paid")),
    ] => [recurring("in_1")]

    /// The refund is divided in proportion, and its rounded parts add up to it.
    a_payment_for_three_invoices_of_which_a_part_goes_back:
        "A bank transfer pays three invoices, and 100 of it go back"
    where {
        let third =
            |invoice: &str, share: i64| invoice_payment(invoice, "pi_1").with("amount_paid", share);
        let of = |id: &str, share: i64| invoice(id, "paid").with("amount_paid", share);
    } [
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(9, "invoice_payment.paid", third("in_1", 333)),
        new(9, "invoice_payment.paid", third("in_2", 333)),
        new(9, "invoice_payment.paid", third("in_3", 334)),
        new(10, "invoice.paid", of("in_1", 333)),
        new(10, "invoice.paid", of("in_2", 333)),
        new(90, "refund.created", refund("re_1", "pi_1", "succeeded", 100)),
    ] => [
        invoiced("in_1").of(333, "jpy").refunded(33),
        invoiced("in_2").of(333, "jpy").refunded(33),
        invoiced("in_3").of(334, "jpy").refunded(34),
    ]

    /// Refund and loss are rounded together; separate rounding would leave a unit.
    a_payment_for_two_invoices_of_which_nothing_is_left:
        "A payment of 10 pays two invoices; 3 go back, and the bank takes the other 7"
    where {
        let half = |invoice: &str| invoice_payment(invoice, "pi_1").with("amount_paid", 5);
        let paid = payment("pi_1", "succeeded").with("amount", 10).with("amount_received", 10);
    } [
        new(9, "payment_intent.succeeded", paid),
        new(9, "invoice_payment.paid", half("in_1")),
        new(9, "invoice_payment.paid", half("in_2")),
        new(80, "refund.created", refund("re_1", "pi_1", "succeeded", 3)),
        new(90, "charge.dispute.closed", dispute("pi_1", "lost").with("amount", 7)),
    ] => [
        invoiced("in_1").of(5, "jpy").refunded(1).lost(4).disputed(Lost),
        invoiced("in_2").of(5, "jpy").refunded(2).lost(3).disputed(Lost),
    ]

    /// The product of two such amounts exceeds 64 bits.
    the_largest_payment_for_two_invoices_of_which_a_part_goes_back:
        "The largest payment there is pays two invoices, and nearly all of it goes back"
    where {
        const LARGEST: i64 = 999_999_999_999;
        let paid = payment("pi_1", "succeeded").with("amount", LARGEST);
        let part =
            |invoice: &str, share: i64| invoice_payment(invoice, "pi_1").with("amount_paid", share);
        let lost = dispute("pi_1", "lost").with("amount", 3);
    } [
        new(9, "payment_intent.succeeded", paid.with("amount_received", LARGEST)),
        new(9, "invoice_payment.paid", part("in_1", 333_333_333_333)),
        new(9, "invoice_payment.paid", part("in_2", 666_666_666_666)),
        new(80, "refund.created", refund("re_1", "pi_1", "succeeded", LARGEST - 4)),
        new(90, "charge.dispute.closed", lost),
    ] => [
        invoiced("in_1")
            .of(333_333_333_333, "jpy")
            .refunded(333_333_333_331)
            .lost(1)
            .disputed(Lost),
        invoiced("in_2")
            .of(666_666_666_666, "jpy")
            .refunded(666_666_666_664)
            .lost(2)
            .disputed(Lost),
    ]

    /// An invoice that is paid twice is a donation of both payments, whatever the invoice says.
    an_invoice_that_was_paid_twice:
        "An invoice is collected by card and by bank transfer; it says 1000" [
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(9, "invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
        new(99, "payment_intent.succeeded", payment("pi_2", "succeeded")),
        new(99, "invoice_payment.paid", invoice_payment("in_1", "pi_2")),
    ] => [recurring("in_1").of(2000, "jpy")]

    /// An invoice of 1000 explains at most 1000.
    two_payments_that_hint_at_one_invoice: "Two payments hint at an invoice that was paid once"
    where {
        let hinting = |pi: &str| {
            payment(pi, "succeeded").with("payment_details", json!({"order_reference": "in_1"}))
        };
    } [
        new(9, "payment_intent.succeeded", hinting("pi_1")),
        new(9, "payment_intent.succeeded", hinting("pi_2")),
        new(10, "invoice.paid", new_invoice("in_1", "paid")),
    ] => [recurring("in_1"), one_time("pi_2").provisional()]

    /// No event of the payment itself arrives, only those of its refund.
    an_invoice_whose_payment_is_not_reported:
        "The endpoint gets invoices, refunds and disputes; 400 go back, and 300 are lost" [
        old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 400)),
        old(30, "charge.dispute.created", dispute("pi_1", "needs_response").with("amount", 300)),
        old(90, "charge.dispute.closed", dispute("pi_1", "lost").with("amount", 300)),
    ] => [recurring("in_1").refunded(400).lost(300).disputed(Lost)]
}
