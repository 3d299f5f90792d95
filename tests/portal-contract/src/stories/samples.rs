//! The sample events in `samples/events`, complete as Stripe sends them.

use portal_domain::DisputeState::Open;

use super::{one_time, recurring};
use crate::stripe::from_file;

macro_rules! sample {
    ($name:literal) => {
        from_file(include_str!(concat!("../../../../samples/events/", $name, ".json")))
    };
}

stories! {
    /// 2000 of 5000 JPY are refunded.
    the_sample_gift: "A one-time gift by card, of which a part goes back" [
        sample!("2024-06-20/charge.succeeded.one_time.jpy"),
        sample!("2024-06-20/payment_intent.succeeded.one_time.jpy"),
        sample!("2024-06-20/checkout.session.completed.payment.jpy"),
        sample!("2024-06-20/charge.refunded.partial.jpy"),
        sample!("2024-06-20/refund.created.jpy"),
    ] => [one_time("pi_3aXt52hNxFTYBL6golrTVdyZ").of(5000, "jpy").refunded(2000)]

    /// 2000 are refunded, then the rest.
    the_sample_gift_in_the_new_api:
        "A one-time gift by card that goes back in two parts, in the new API" [
        sample!("2025-09-30.clover/charge.succeeded.one_time.jpy"),
        sample!("2025-09-30.clover/payment_intent.succeeded.one_time.jpy"),
        sample!("2025-09-30.clover/checkout.session.completed.payment.jpy"),
        sample!("2025-09-30.clover/charge.refunded.partial.jpy"),
        sample!("2025-09-30.clover/refund.created.jpy"),
        sample!("2025-09-30.clover/charge.refunded.full.jpy"),
    ] => [one_time("pi_3FuezC092bs8YG8f6jAdLSgQ").of(5000, "jpy").refunded(5000)]

    /// The donation is disputed in the end.
    the_sample_renewal: "A monthly gift that the donor's bank contests" [
        sample!("2024-06-20/charge.succeeded.recurring.usd"),
        sample!("2024-06-20/payment_intent.succeeded.recurring.usd"),
        sample!("2024-06-20/invoice.paid.subscription_cycle.usd"),
        sample!("2024-06-20/invoice.payment_succeeded.subscription_cycle.usd"),
        sample!("2024-06-20/charge.dispute.created.usd"),
    ] => [recurring("in_1CSUPPIylE5XmDLhrqqXjUIE").of(2500, "usd").disputed(Open)]

    /// The payment is linked by `invoice_payment.paid`.
    the_sample_renewal_in_the_new_api: "A monthly gift, in the new API" [
        sample!("2025-09-30.clover/charge.succeeded.recurring.usd"),
        sample!("2025-09-30.clover/payment_intent.succeeded.recurring.usd"),
        sample!("2025-09-30.clover/invoice.paid.subscription_cycle.usd"),
        sample!("2025-09-30.clover/invoice.payment_succeeded.subscription_cycle.usd"),
        sample!("2025-09-30.clover/invoice_payment.paid.usd"),
    ] => [recurring("in_1awYjfonRNsjHvIUfsJgLx6U").of(2500, "usd")]

    /// In the new API version no event links the payment.
    the_sample_first_gift_of_a_subscription:
        "Two donors begin to give every month, one in each API version" [
        sample!("2024-06-20/payment_intent.succeeded.subscription_create.jpy"),
        sample!("2024-06-20/invoice.paid.subscription_create.jpy"),
        sample!("2024-06-20/checkout.session.completed.subscription.jpy"),
        sample!("2025-09-30.clover/payment_intent.succeeded.subscription_create.jpy"),
        sample!("2025-09-30.clover/invoice.paid.subscription_create.jpy"),
        sample!("2025-09-30.clover/checkout.session.completed.subscription.jpy"),
    ] => [
        recurring("in_1ABNWkNrxwl5CEngbIyvGqYW"),
        recurring("in_1532TgPp4rCllwIExsQyW1Kd"),
        one_time("pi_3DQMXjWmDEEKcrgtIT8mfO0R").provisional(),
    ]

    /// The Checkout session is unpaid at first.
    the_sample_konbini_gift:
        "Two gifts that are paid at a convenience store, one in each API version" [
        sample!("2024-06-20/checkout.session.completed.konbini_unpaid.jpy"),
        sample!("2024-06-20/payment_intent.succeeded.konbini.jpy"),
        sample!("2025-09-30.clover/checkout.session.completed.konbini_unpaid.jpy"),
        sample!("2025-09-30.clover/payment_intent.succeeded.konbini.jpy"),
        sample!("2025-09-30.clover/checkout.session.async_payment_succeeded.konbini.jpy"),
    ] => [
        one_time("pi_3xhpoau5DVNj4zmVbdEQA1rK").of(3000, "jpy"),
        one_time("pi_3qxSHF2SEQT2olGI5u3NvjIx").of(3000, "jpy"),
    ]

    /// Only the cash payment and the failed one are listed.
    the_sample_trial_credit_cash_and_failure:
        "A free month, a month paid from credit, one paid in cash, and one that failed" [
        sample!("2024-06-20/invoice.paid.zero_amount_trial.jpy"),
        sample!("2025-09-30.clover/invoice.paid.credit_balance.usd"),
        sample!("2024-06-20/invoice.paid.out_of_band.usd"),
        sample!("2024-06-20/invoice.payment_failed.usd"),
        sample!("2024-06-20/connect.payment_intent.succeeded.usd"),
    ] => [
        recurring("in_1M4K3H0Hj5y00zoUbafE4p3Y").of(2500, "usd").out_of_band(),
        recurring("in_1B9qITik8v5Xb9fKnNhnbJDC").of(2500, "usd").failed(),
    ]
}
