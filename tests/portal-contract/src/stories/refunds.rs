//! Refunds.

use super::{one_time, recurring};
use crate::stripe::{Object, Told, charge, old, old_invoice, payment, refund};

fn paid() -> Told {
    old(9, "payment_intent.succeeded", payment("pi_1", "succeeded"))
}

/// Returns the charge with this refunded total.
fn back(total: i64) -> Object {
    charge("ch_1", "pi_1", "succeeded").with("amount_refunded", total)
}

stories! {
    /// The refund and the charge are about the same money.
    a_part_goes_back: "400 of 1000 go back" [
        old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        paid(),
        old(20, "charge.refunded", back(400)),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 400)),
    ] => [one_time("pi_1").refunded(400)]

    /// A pending refund counts.
    all_goes_back: "Everything goes back, and takes some days" [
        paid(),
        old(20, "charge.refunded", back(1000)),
        old(20, "refund.created", refund("re_1", "pi_1", "pending", 1000)),
        old(500, "refund.updated", refund("re_1", "pi_1", "succeeded", 1000)),
        old(500, "charge.refund.updated", refund("re_1", "pi_1", "succeeded", 1000)),
    ] => [one_time("pi_1").refunded(1000)]

    /// The running total of the charge grows; the refunds add up.
    two_parts_go_back: "300 go back, and then 200 more" [
        paid(),
        old(20, "charge.refunded", back(300)),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 300)),
        old(20, "charge.refunded", back(500)),
        old(20, "refund.created", refund("re_2", "pi_1", "succeeded", 200)),
    ] => [one_time("pi_1").refunded(500)]

    /// A running total only grows, which orders two of the same second.
    two_parts_go_back_in_one_second:
        "300 go back, and in the same second 200 more; only the charge tells" [
        paid(),
        old(20, "charge.refunded", back(500)),
        old(20, "charge.refunded", back(300)),
    ] => [one_time("pi_1").refunded(500)]

    /// The money is back, although the charge had it in its refunded total.
    a_refund_that_the_bank_sends_back:
        "400 go back, and return because the donor's account is closed" [
        paid(),
        old(20, "charge.refunded", back(400)),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 400)),
        old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
        old(500, "refund.updated", refund("re_1", "pi_1", "failed", 400)),
    ] => [one_time("pi_1")]

    /// One event has the payment and its refunds.
    a_refund_of_which_only_the_charge_reports: "The endpoint gets charge.refunded only" [
        old(20, "charge.refunded", back(400)),
    ] => [one_time("pi_1").refunded(400)]

    /// The running total at the second refund does not include the first one.
    a_second_refund_after_one_that_failed:
        "400 go back and return; then 300 go back by another way" [
        paid(),
        old(20, "charge.refunded", back(400)),
        old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
        old(600, "charge.refunded", back(300)),
        old(
            600,
            "refund.created",
            refund("re_2", "pi_1", "succeeded", 300).with("created", 1_760_000_600),
        ),
    ] => [one_time("pi_1").refunded(300)]

    /// A later event about a failed refund does not change the time of the failure.
    a_failed_refund_that_is_reported_again_after_the_next_one:
        "400 go back and return; 300 go back, of which only the charge tells; then Stripe notes \
         something on the first refund" [
        paid(),
        old(20, "charge.refunded", back(400)),
        old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
        old(600, "charge.refunded", back(300)),
        old(700, "refund.updated", refund("re_1", "pi_1", "failed", 400)),
    ] => [one_time("pi_1").refunded(300)]

    /// A running total does not include later attempts.
    a_failed_refund_beside_one_that_is_not_reported:
        "600 go back, of which only the charge tells; 200 more are tried and return"
    where {
        let second = |status| refund("re_2", "pi_1", status, 200).with("created", 1_760_000_030);
    } [
        paid(),
        old(20, "charge.refunded", back(600)),
        old(30, "refund.created", second("pending")),
        old(500, "refund.failed", second("failed")),
    ] => [one_time("pi_1").refunded(600)]

    /// A refund of a payment is a refund of its invoice.
    a_renewal_goes_back: "A monthly gift goes back" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded").with("invoice", "in_1")),
        old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
        old(20, "charge.refunded", back(1000).with("invoice", "in_1")),
        old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 1000)),
    ] => [recurring("in_1").refunded(1000)]
}
