//! Refunds.

use super::{Story, one_time, recurring};
use crate::stripe::{Object, Told, charge, old, old_invoice, payment, refund};

fn paid() -> Told {
    old(9, "payment_intent.succeeded", payment("pi_1", "succeeded"))
}

/// Returns the charge with this refunded total.
fn back(total: i64) -> Object {
    charge("ch_1", "pi_1", "succeeded").with("amount_refunded", total)
}

/// The refund and the charge are about the same money.
#[must_use]
pub fn a_part_goes_back() -> Story {
    Story {
        title: "400 of 1000 go back",
        told: vec![
            old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
            paid(),
            old(20, "charge.refunded", back(400)),
            old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 400)),
        ],
        due: vec![one_time("pi_1").refunded(400)],
    }
}

/// A pending refund counts.
#[must_use]
pub fn all_goes_back() -> Story {
    Story {
        title: "Everything goes back, and takes some days",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(1000)),
            old(20, "refund.created", refund("re_1", "pi_1", "pending", 1000)),
            old(500, "refund.updated", refund("re_1", "pi_1", "succeeded", 1000)),
            old(500, "charge.refund.updated", refund("re_1", "pi_1", "succeeded", 1000)),
        ],
        due: vec![one_time("pi_1").refunded(1000)],
    }
}

/// The running total of the charge grows; the refunds add up.
#[must_use]
pub fn two_parts_go_back() -> Story {
    Story {
        title: "300 go back, and then 200 more",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(300)),
            old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 300)),
            old(20, "charge.refunded", back(500)),
            old(20, "refund.created", refund("re_2", "pi_1", "succeeded", 200)),
        ],
        due: vec![one_time("pi_1").refunded(500)],
    }
}

/// A running total only grows, which orders two of the same second.
#[must_use]
pub fn two_parts_go_back_in_one_second() -> Story {
    Story {
        title: "300 go back, and in the same second 200 more; only the charge tells",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(500)),
            old(20, "charge.refunded", back(300)),
        ],
        due: vec![one_time("pi_1").refunded(500)],
    }
}

/// The money is back, although the charge had it in its refunded total.
#[must_use]
pub fn a_refund_that_the_bank_sends_back() -> Story {
    Story {
        title: "400 go back, and return because the donor's account is closed",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(400)),
            old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 400)),
            old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
            old(500, "refund.updated", refund("re_1", "pi_1", "failed", 400)),
        ],
        due: vec![one_time("pi_1")],
    }
}

/// One event has the payment and its refunds.
#[must_use]
pub fn a_refund_of_which_only_the_charge_reports() -> Story {
    Story {
        title: "The endpoint gets charge.refunded only",
        told: vec![old(20, "charge.refunded", back(400))],
        due: vec![one_time("pi_1").refunded(400)],
    }
}

/// The running total at the second refund does not include the first one.
#[must_use]
pub fn a_second_refund_after_one_that_failed() -> Story {
    Story {
        title: "400 go back and return; then 300 go back by another way",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(400)),
            old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
            old(600, "charge.refunded", back(300)),
            old(
                600,
                "refund.created",
                refund("re_2", "pi_1", "succeeded", 300).with("created", 1_760_000_600),
            ),
        ],
        due: vec![one_time("pi_1").refunded(300)],
    }
}

/// A later event about a failed refund does not change the time of the failure.
#[must_use]
pub fn a_failed_refund_that_is_reported_again_after_the_next_one() -> Story {
    Story {
        title: "400 go back and return; 300 go back, of which only the charge tells; then Stripe notes \
                something on the first refund",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(400)),
            old(500, "refund.failed", refund("re_1", "pi_1", "failed", 400)),
            old(600, "charge.refunded", back(300)),
            old(700, "refund.updated", refund("re_1", "pi_1", "failed", 400)),
        ],
        due: vec![one_time("pi_1").refunded(300)],
    }
}

/// A running total does not include later attempts.
#[must_use]
pub fn a_failed_refund_beside_one_that_is_not_reported() -> Story {
    let second = |status| refund("re_2", "pi_1", status, 200).with("created", 1_760_000_030);
    Story {
        title: "600 go back, of which only the charge tells; 200 more are tried and return",
        told: vec![
            paid(),
            old(20, "charge.refunded", back(600)),
            old(30, "refund.created", second("pending")),
            old(500, "refund.failed", second("failed")),
        ],
        due: vec![one_time("pi_1").refunded(600)],
    }
}

/// A refund of a payment is a refund of its invoice.
#[must_use]
pub fn a_renewal_goes_back() -> Story {
    Story {
        title: "A monthly gift goes back",
        told: vec![
            old(
                9,
                "payment_intent.succeeded",
                payment("pi_1", "succeeded").with("invoice", "in_1"),
            ),
            old(10, "invoice.paid", old_invoice("in_1", "paid", "pi_1")),
            old(20, "charge.refunded", back(1000).with("invoice", "in_1")),
            old(20, "refund.created", refund("re_1", "pi_1", "succeeded", 1000)),
        ],
        due: vec![recurring("in_1").refunded(1000)],
    }
}
