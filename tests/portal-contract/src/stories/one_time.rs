//! One-time gifts.

use serde_json::{Value, json};

use super::one_time;
use crate::stripe::{charge, new, old, payment, session};

stories! {
    /// All events arrive.
    a_card_gift: "A donor gives once, by card" [
        old(0, "payment_intent.created", payment("pi_1", "requires_payment_method")),
        old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(10, "checkout.session.completed", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// The Checkout session proves that there is no invoice.
    a_card_gift_in_the_new_api:
        "A donor gives once, by card; the new API does not say that there is no invoice" [
        new(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(10, "checkout.session.completed", session("pi_1", "paid")),
        new(12, "charge.updated", charge("ch_1", "pi_1", "succeeded")),
    ] => [one_time("pi_1")]

    /// No event proves that there is no invoice.
    a_card_gift_whose_visit_is_not_reported:
        "The endpoint of the new API does not get Checkout's events" [
        new(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        new(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
    ] => [one_time("pi_1").provisional()]

    /// One event is enough.
    only_the_payment_is_reported: "The endpoint gets payments only" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
    ] => [one_time("pi_1")]

    /// One event is enough, and the donation has the id of the payment.
    only_the_charge_is_reported:
        "The endpoint gets charges only; one has no payment that it belongs to" [
        old(8, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        old(
            9,
            "charge.succeeded",
            charge("ch_2", "", "succeeded").with("payment_intent", Value::Null),
        ),
    ] => [one_time("pi_1"), one_time("ch_2")]

    /// One event is enough.
    only_the_visit_is_reported:
        "The endpoint gets Checkout's events only; a visit that ran out is no gift" [
        new(10, "checkout.session.completed", session("pi_1", "paid")),
        new(20, "checkout.session.expired", session("pi_2", "unpaid").with("status", "expired")),
    ] => [one_time("pi_1")]

    /// A payment succeeds once, after any number of attempts.
    a_card_that_is_declined_and_then_taken: "The first card is declined, the second one is taken"
    where {
        let declined = payment("pi_1", "requires_payment_method")
            .with("last_payment_error", json!({"code": "card_declined", "type": "card_error"}));
    } [
        old(1, "charge.failed", charge("ch_1", "pi_1", "failed")),
        old(1, "payment_intent.payment_failed", declined),
        old(5, "charge.succeeded", charge("ch_2", "pi_1", "succeeded")),
        old(5, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(6, "checkout.session.completed", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// A later event does not undo the payment.
    a_failure_that_is_dated_after_the_success:
        "The failure of the first card is dated a second after the success of the other one" [
        old(5, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(6, "charge.failed", charge("ch_1", "pi_1", "failed")),
        old(6, "payment_intent.processing", payment("pi_1", "processing")),
    ] => [one_time("pi_1")]

    /// A failed donation is listed, and is in no total.
    a_gift_that_is_given_up: "The card is declined, and the donor leaves"
    where {
        let declined = payment("pi_1", "requires_payment_method")
            .with("last_payment_error", json!({"code": "card_declined", "type": "card_error"}));
        let given_up = payment("pi_1", "canceled").with("cancellation_reason", "abandoned");
    } [
        old(0, "payment_intent.created", payment("pi_1", "requires_payment_method")),
        old(1, "charge.failed", charge("ch_1", "pi_1", "failed")),
        old(1, "payment_intent.payment_failed", declined),
        old(90_000, "payment_intent.canceled", given_up),
    ] => [one_time("pi_1").failed()]

    /// Both are recorded, each with its mode.
    test_money_and_live_money_side_by_side: "A developer tries the portal while a donor gives" [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(10, "checkout.session.completed", session("pi_1", "paid")),
        old(9, "payment_intent.succeeded", payment("pi_2", "succeeded")).in_test_mode(),
        old(10, "checkout.session.completed", session("pi_2", "paid")).in_test_mode(),
    ] => [one_time("pi_1"), one_time("pi_2").in_test_mode()]

    /// The money belongs to another account.
    a_gift_to_a_connected_account: "A donor gives to another account that shares the endpoint"
    where {
        let given = old(9, "payment_intent.succeeded", payment("pi_2", "succeeded"));
    } [
        old(9, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        given.of_account("acct_2"),
    ] => [one_time("pi_1")]
}
