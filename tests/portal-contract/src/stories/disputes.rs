//! Gifts that a donor's bank disputes.

use portal_domain::DisputeState::{Lost, Open, Won};
use serde_json::json;

use super::one_time;
use crate::stripe::{Told, charge, dispute, new, old, payment};

fn paid() -> Told {
    old(9, "payment_intent.succeeded", payment("pi_1", "succeeded"))
}

stories! {
    /// The amount counts until the dispute is lost.
    a_dispute_that_is_open: "A donor's bank contests a gift, and the portal sends evidence" [
        paid(),
        old(20, "charge.dispute.created", dispute("pi_1", "needs_response")),
        old(20, "charge.dispute.funds_withdrawn", dispute("pi_1", "needs_response")),
        old(500, "charge.dispute.updated", dispute("pi_1", "under_review")),
    ] => [one_time("pi_1").disputed(Open)]

    /// The amount counts again.
    a_dispute_that_is_won: "A donor's bank contests a gift, and the portal wins" [
        paid(),
        old(20, "charge.dispute.created", dispute("pi_1", "needs_response")),
        old(20, "charge.dispute.funds_withdrawn", dispute("pi_1", "needs_response")),
        old(900, "charge.dispute.closed", dispute("pi_1", "won")),
        old(900, "charge.dispute.funds_reinstated", dispute("pi_1", "won")),
    ] => [one_time("pi_1").disputed(Won)]

    /// The amount is lost.
    a_dispute_that_is_lost: "A donor's bank contests a gift, and the portal loses" [
        paid(),
        old(20, "charge.dispute.created", dispute("pi_1", "needs_response")),
        old(500, "charge.dispute.updated", dispute("pi_1", "under_review")),
        old(900, "charge.dispute.closed", dispute("pi_1", "lost")),
    ] => [one_time("pi_1").disputed(Lost).lost(1000)]

    /// An inquiry withdraws no money.
    an_inquiry_that_comes_to_nothing: "A donor's bank asks about a gift, and asks no more" [
        paid(),
        old(20, "charge.dispute.created", dispute("pi_1", "warning_needs_response")),
        old(500, "charge.dispute.updated", dispute("pi_1", "warning_under_review")),
        old(900, "charge.dispute.closed", dispute("pi_1", "warning_closed")),
    ] => [one_time("pi_1")]

    /// The later event counts.
    an_inquiry_that_becomes_a_dispute: "A donor's bank asks about a gift, and then contests it" [
        paid(),
        old(20, "charge.dispute.created", dispute("pi_1", "warning_needs_response")),
        old(500, "charge.dispute.updated", dispute("pi_1", "needs_response")),
        old(500, "charge.dispute.funds_withdrawn", dispute("pi_1", "needs_response")),
    ] => [one_time("pi_1").disputed(Open)]

    /// The card network ends it before a dispute begins; the balance transactions show where the
    /// money is.
    a_dispute_that_is_prevented_with_the_money_and_without_it:
        "A bank takes one gift back at once; of another it gives the money back"
    where {
        let prevented = |pi: &str, id: &str, moved: &[i64]| {
            let moved: Vec<_> = moved.iter().map(|it| json!({ "amount": it })).collect();
            dispute(pi, "prevented").with("id", id).with("balance_transactions", moved)
        };
        let other = old(10, "payment_intent.succeeded", payment("pi_2", "succeeded"));
    } [
        paid(),
        other,
        new(20, "charge.dispute.closed", prevented("pi_1", "du_1", &[-1000])),
        new(20, "charge.dispute.closed", prevented("pi_2", "du_2", &[-1000, 1000])),
    ] => [one_time("pi_1").disputed(Lost).lost(1000), one_time("pi_2")]

    /// Both amounts are subtracted.
    a_dispute_of_what_went_back_in_part: "400 go back, and the donor's bank takes the other 600"
    where {
        let rest = |status| dispute("pi_1", status).with("amount", 600);
        let back = charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 400);
    } [
        paid(),
        old(20, "charge.refunded", back),
        old(30, "charge.dispute.created", rest("needs_response")),
        old(900, "charge.dispute.closed", rest("lost")),
    ] => [one_time("pi_1").disputed(Lost).refunded(400).lost(600)]
}
