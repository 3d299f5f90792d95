//! Sample events to send: invented donors in the shapes that Stripe sends, in test mode, about payments
//! of their own.

use std::collections::BTreeSet;

use portal_domain::UnixSeconds;
use serde_json::Value;

use crate::chance;
use crate::exit::Failure;

macro_rules! sample {
    ($name:literal, $file:literal) => {
        Sample { name: $name, json: include_str!(concat!("../../../samples/events/", $file)) }
    };
}

/// A sample event.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// The event type, which is the value of `send --type`.
    pub(crate) name: &'static str,
    json: &'static str,
}

/// The event of a payment.
pub(crate) const PAYMENT: Sample = sample!(
    "payment_intent.succeeded",
    "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json"
);

/// The event of the Checkout session that made the payment: it says that there is no invoice.
pub(crate) const SESSION: Sample = sample!(
    "checkout.session.completed",
    "2025-09-30.clover/checkout.session.completed.payment.jpy.json"
);

/// The event of an invoice.
pub(crate) const INVOICE: Sample =
    sample!("invoice.paid", "2025-09-30.clover/invoice.paid.subscription_cycle.usd.json");

const CHARGE: Sample =
    sample!("charge.succeeded", "2025-09-30.clover/charge.succeeded.one_time.jpy.json");

const INVOICE_PAYMENT: Sample =
    sample!("invoice_payment.paid", "2025-09-30.clover/invoice_payment.paid.usd.json");

/// The event of a charge that was refunded.
pub(crate) const REFUND: Sample =
    sample!("charge.refunded", "2025-09-30.clover/charge.refunded.full.jpy.json");

/// All samples. The first is the default of `send --type`.
pub(crate) const SAMPLES: [Sample; 11] = [
    PAYMENT,
    CHARGE,
    SESSION,
    INVOICE,
    INVOICE_PAYMENT,
    sample!("invoice.payment_failed", "2025-09-30.clover/invoice.payment_failed.usd.json"),
    REFUND,
    sample!("refund.created", "2025-09-30.clover/refund.created.jpy.json"),
    sample!("charge.dispute.created", "2024-06-20/charge.dispute.created.usd.json"),
    sample!(
        "customer.subscription.deleted",
        "2025-09-30.clover/customer.subscription.deleted.usd.json"
    ),
    sample!("v1.payment_intent.succeeded", "thin/v1.payment_intent.succeeded.json"),
];

/// The events that Stripe sends of a one-time donation.
const ONE_TIME: [Sample; 3] = [PAYMENT, CHARGE, SESSION];

/// The events that Stripe sends of a month's payment of a recurring donation.
const RECURRING: [Sample; 4] = [
    INVOICE,
    INVOICE_PAYMENT,
    sample!(
        "payment_intent.succeeded",
        "2025-09-30.clover/payment_intent.succeeded.recurring.usd.json"
    ),
    sample!("charge.succeeded", "2025-09-30.clover/charge.succeeded.recurring.usd.json"),
];

/// The beginning of the ids of sample events.
pub(crate) const EVENT_PREFIX: &str = "evt_sample";

/// The beginnings of the ids that tell one payment from another.
const OBJECT_PREFIXES: [&str; 8] =
    ["pi_", "ch_", "cs_live_", "in_", "inpay_", "re_", "du_", "sub_"];

/// The times in samples, and nothing else in them, are numbers from 2020 to 2030.
const TIMES: std::ops::Range<i64> = 1_577_836_800..1_893_456_000;

impl Sample {
    /// Returns the sample of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        SAMPLES.into_iter().find(|it| it.name == name)
    }
}

/// Returns the event at the place `number` of the events of many donations, one-time and recurring in
/// turn, and which donation it belongs to.
pub(crate) fn of_donations(number: u64) -> (Sample, u64) {
    let both = ONE_TIME.iter().chain(&RECURRING);
    let (pair, place) = (number / EVENTS_OF_TWO, number % EVENTS_OF_TWO);
    let place = usize::try_from(place).unwrap_or(0);
    let sample = both.copied().nth(place).unwrap_or(PAYMENT);
    (sample, 2 * pair + u64::from(place >= ONE_TIME.len()))
}

/// Returns the number of events of so many donations.
pub(crate) fn events_of_donations(donations: u64) -> u64 {
    donations / 2 * EVENTS_OF_TWO + donations % 2 * ONE_TIME.len() as u64
}

/// The number of events of a one-time and a recurring donation.
const EVENTS_OF_TWO: u64 = (ONE_TIME.len() + RECURRING.len()) as u64;

/// One run of a command. Its events and payments are not those of another run.
pub(crate) struct SampleRun {
    /// Random, a part of all ids.
    id: String,
}

impl SampleRun {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self { id: chance::hex(8)? })
    }

    /// Returns the id of the event of that number.
    pub(crate) fn event_id(&self, number: u64) -> String {
        format!("{EVENT_PREFIX}{}{number}", self.id)
    }

    /// Returns the body of an event of that number, about the payment of another number, as Stripe
    /// would send it at `now` in test mode.
    pub(crate) fn body(
        &self,
        sample: Sample,
        number: u64,
        payment: u64,
        now: UnixSeconds,
    ) -> String {
        let mut text = sample.json.to_owned();
        let Ok(mut event) = serde_json::from_str::<Value>(&text) else { return text };
        let mut ids = BTreeSet::new();
        add_ids(&event, &mut ids);
        for id in ids {
            text = text.replace(&id, &self.id_like(&id, payment));
        }
        event = serde_json::from_str(&text).unwrap_or(event);
        let created = event.get("created").and_then(Value::as_i64);
        make_fresh(&mut event, created.map_or(0, |created| now.get() - created));
        if let Some(fields) = event.as_object_mut() {
            if created.is_none() {
                fields.insert("created".to_owned(), now.to_string().into());
            }
            fields.insert("id".to_owned(), self.event_id(number).into());
        }
        format!("{event:#}")
    }

    /// Returns an id of the kind of `id`. Ids of one payment that were the same stay the same.
    fn id_like(&self, id: &str, payment: u64) -> String {
        let (prefix, rest) = id.rsplit_once('_').unwrap_or_default();
        let prefix = prefix.replace("live", "test");
        format!("{prefix}_sample{}{}{payment}", rest.get(..4).unwrap_or_default(), self.id)
    }
}

fn add_ids(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let is_id = |rest: &str| rest.bytes().all(|it| it.is_ascii_alphanumeric());
            if OBJECT_PREFIXES.iter().any(|it| text.strip_prefix(it).is_some_and(is_id)) {
                ids.insert(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|it| add_ids(it, ids)),
        Value::Object(fields) => fields.values().for_each(|it| add_ids(it, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Moves all times by `later` seconds, and sets test mode.
fn make_fresh(value: &mut Value, later: i64) {
    match value {
        Value::Number(number) => {
            if let Some(time) = number.as_i64().filter(|it| TIMES.contains(it)) {
                *number = (time + later).into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|it| make_fresh(it, later)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "livemode" {
                    *field = false.into();
                } else {
                    make_fresh(field, later);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests;
