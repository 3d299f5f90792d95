//! Gifts with delayed payment methods, which are paid days later.

use serde_json::json;

use super::one_time;
use crate::stripe::{Object, charge, new, old, payment, session};

fn voucher() -> Object {
    payment("pi_1", "requires_action")
}

fn expired() -> Object {
    payment("pi_1", "requires_payment_method")
        .with("last_payment_error", json!({"code": "payment_intent_payment_attempt_expired"}))
}

stories! {
    /// A pending payment is no donation yet.
    konbini_that_is_paid: "A donor takes a voucher and pays it at a convenience store" [
        old(0, "payment_intent.requires_action", voucher()),
        old(1, "checkout.session.completed", session("pi_1", "unpaid")),
        old(90_000, "charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        old(90_000, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        old(90_001, "checkout.session.async_payment_succeeded", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// The paid Checkout session proves that there is no invoice.
    konbini_that_is_paid_in_the_new_api:
        "A donor takes a voucher and pays it at a convenience store, in the new API" [
        new(0, "payment_intent.requires_action", voucher()),
        new(1, "checkout.session.completed", session("pi_1", "unpaid")),
        new(90_000, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(90_001, "checkout.session.async_payment_succeeded", session("pi_1", "paid")),
    ] => [one_time("pi_1")]

    /// The failed donation is listed, and is in no total.
    konbini_that_waits: "A donor takes a voucher" [
        old(0, "payment_intent.created", payment("pi_1", "requires_payment_method")),
        old(0, "payment_intent.requires_action", voucher()),
        old(1, "checkout.session.completed", session("pi_1", "unpaid")),
    ] => [one_time("pi_1").pending()]

    /// The voucher expires. The payment stays provisional, because no event proves that it has no
    /// invoice.
    konbini_that_is_not_paid: "A donor takes a voucher and does not pay it" [
        new(0, "payment_intent.requires_action", voucher()),
        new(1, "checkout.session.completed", session("pi_1", "unpaid")),
        new(90_000, "payment_intent.payment_failed", expired()),
        new(90_001, "checkout.session.async_payment_failed", session("pi_1", "unpaid")),
    ] => [one_time("pi_1").failed().provisional()]

    /// The donor transfers the amount in two parts.
    a_bank_transfer: "A donor sends the money by bank, in two parts"
    where {
        let cash = Object::of("cash_balance", "cb_1");
    } [
        new(0, "payment_intent.requires_action", voucher()),
        new(1, "checkout.session.completed", session("pi_1", "unpaid")),
        new(50_000, "payment_intent.partially_funded", voucher()),
        new(50_000, "cash_balance.funds_available", cash),
        new(90_000, "payment_intent.succeeded", payment("pi_1", "succeeded")),
        new(90_001, "checkout.session.async_payment_succeeded", session("pi_1", "paid")),
    ] => [one_time("pi_1")]
}
