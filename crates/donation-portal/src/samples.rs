//! Sample events to send: invented donors in the shapes that Stripe sends.

use portal_domain::UnixSeconds;

macro_rules! sample {
    ($name:literal, $file:literal) => {
        Sample { name: $name, json: include_str!(concat!("../../../samples/events/", $file)) }
    };
}

/// A sample event.
pub(crate) struct Sample {
    /// The event type, which is the value of `send --type`.
    pub(crate) name: &'static str,
    json: &'static str,
}

/// All samples. The first is the default of `send --type`.
pub(crate) const SAMPLES: [Sample; 10] = [
    sample!(
        "payment_intent.succeeded",
        "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json"
    ),
    sample!("invoice.paid", "2025-09-30.clover/invoice.paid.subscription_cycle.usd.json"),
    sample!("invoice_payment.paid", "2025-09-30.clover/invoice_payment.paid.usd.json"),
    sample!("invoice.payment_failed", "2025-09-30.clover/invoice.payment_failed.usd.json"),
    sample!(
        "checkout.session.completed",
        "2025-09-30.clover/checkout.session.completed.payment.jpy.json"
    ),
    sample!("charge.refunded", "2025-09-30.clover/charge.refunded.full.jpy.json"),
    sample!("refund.created", "2025-09-30.clover/refund.created.jpy.json"),
    sample!("charge.dispute.created", "2024-06-20/charge.dispute.created.usd.json"),
    sample!(
        "customer.subscription.deleted",
        "2025-09-30.clover/customer.subscription.deleted.usd.json"
    ),
    sample!("v1.payment_intent.succeeded", "thin/v1.payment_intent.succeeded.json"),
];

impl Sample {
    /// Returns the sample of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SAMPLES.iter().find(|it| it.name == name)
    }

    /// Returns the sample with the event id `id`, created at `now`.
    pub(crate) fn body(&self, id: &str, now: UnixSeconds) -> String {
        // The samples are indented as Stripe's bodies are, so two spaces mark the event's own keys.
        let fresh = |line: &str| match line.split_once(": ") {
            Some((r#"  "id""#, _)) => format!(r#"  "id": "{id}","#),
            Some((r#"  "created""#, old)) if old.starts_with('"') => {
                format!(r#"  "created": "{now}","#)
            }
            Some((r#"  "created""#, _)) => format!(r#"  "created": {},"#, now.get()),
            _ => line.to_owned(),
        };
        self.json.lines().map(fresh).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::UnixSeconds;
    use serde_json::Value;

    use super::SAMPLES;

    #[test]
    fn a_fresh_sample_has_the_id_and_time_it_was_given() {
        for sample in &SAMPLES {
            let body = sample.body("evt_fresh", UnixSeconds::new(1_790_000_000).unwrap());
            let event: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(event["id"], "evt_fresh", "{}", sample.name);
            assert_eq!(event["type"], sample.name);
            let created = &event["created"];
            assert!(created == 1_790_000_000 || created == "2026-09-21T14:13:20Z", "{created}");
        }
    }
}
