//! The facts that are kept of the sample events, and the fields that never are.

use std::fs;
use std::path::Path;

use portal_domain::facts::{Facts, FactsKind};
use portal_domain::ids::EventType;
use portal_testkit::Result;
use portal_testkit::needles::Canaries;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");

/// The versions before and after 2025-03-31.basil, which moved many fields of an invoice.
const VERSIONS: [&str; 2] = ["2024-06-20", "2025-09-30.clover"];

struct Sample {
    /// `version/file.json`
    name: String,
    text: String,
    event: Event,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: EventType,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Box<RawValue>,
}

impl Sample {
    fn named(name: &str) -> Result<Self> {
        let text = fs::read_to_string(Path::new(EVENTS).join(name))?;
        let event = serde_json::from_str(&text)?;
        Ok(Self { name: name.into(), text, event })
    }

    fn all() -> Result<Vec<Self>> {
        let mut samples = Vec::new();
        for version in VERSIONS {
            for entry in fs::read_dir(Path::new(EVENTS).join(version))? {
                let file = entry?.file_name();
                samples.push(Self::named(&format!("{version}/{}", file.display()))?);
            }
        }
        Ok(samples)
    }

    fn kind(&self) -> Result<FactsKind> {
        FactsKind::of(&self.event.kind).ok_or_else(|| format!("no kind for {}", self.name).into())
    }

    fn object(&self) -> &str {
        self.event.data.object.get()
    }

    fn facts(&self) -> Result<Facts> {
        self.kind()?.read(self.object()).map_err(|error| format!("{}: {error}", self.name).into())
    }
}

/// Returns the facts of a sample as the store would see them.
fn kept_of_sample(name: &str) -> Result<Value> {
    Ok(serde_json::to_value(Sample::named(name)?.facts()?)?)
}

/// Returns the facts of an object.
fn kept(kind: FactsKind, object: &str) -> Result<Value> {
    Ok(serde_json::to_value(kind.read(object)?)?)
}

#[test]
fn every_sample_is_read_and_keeps_its_id() -> Result {
    for sample in Sample::all()? {
        let facts = sample.facts()?;
        let whole: Value = serde_json::from_str(sample.object())?;
        assert_eq!(facts.object_id().unwrap().as_str(), whole["id"], "{}", sample.name);
    }
    Ok(())
}

#[test]
fn there_is_a_sample_of_every_kind() -> Result {
    let samples = Sample::all()?;
    let kinds = samples.iter().map(Sample::kind).collect::<Result<Vec<_>>>()?;
    for kind in [
        FactsKind::PaymentIntent,
        FactsKind::Charge,
        FactsKind::Invoice,
        FactsKind::InvoicePayment,
        FactsKind::CheckoutSession,
        FactsKind::Refund,
        FactsKind::Dispute,
        FactsKind::Subscription,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    Ok(())
}

#[test]
fn nothing_personal_is_kept_of_any_sample() -> Result {
    let canaries = Canaries::read()?;
    for sample in Sample::all()? {
        let kept = serde_json::to_string(&sample.facts()?)?;
        for canary in &canaries.files[&sample.name] {
            assert!(
                sample.text.contains(&canary.value),
                "not a canary of {}: {}",
                sample.name,
                canary.value
            );
            assert!(!kept.contains(&canary.value), "kept of {}: {}", sample.name, canary.value);
        }
        for text in &canaries.substrings {
            assert!(!kept.contains(text), "kept of {}: {text}", sample.name);
        }
    }
    Ok(())
}

#[test]
fn facts_that_were_written_down_are_read_back_unchanged() -> Result {
    for sample in Sample::all()? {
        let facts = sample.facts()?;
        let written = serde_json::to_string(&facts)?;
        assert_eq!(Facts::from_json(&written)?, facts, "{}", sample.name);
    }
    Ok(())
}

/// Makes a test of the facts that are kept of a sample: those in the file of its name in `facts`.
macro_rules! facts_of_samples {
    ($($test:ident: $sample:literal)*) => {
        $(
            #[test]
            fn $test() -> Result {
                let due = include_str!(concat!("facts/", stringify!($test), ".json"));
                let due: Value = serde_json::from_str(due)?;
                assert_eq!(kept_of_sample(concat!($sample, ".json"))?, due);
                Ok(())
            }
        )*
    };
}

facts_of_samples! {
    a_one_time_gift_is_5000_yen_received:
        "2024-06-20/payment_intent.succeeded.one_time.jpy"
    a_partial_refund_is_the_cumulative_amount_of_its_charge:
        "2024-06-20/charge.refunded.partial.jpy"
    an_invoice_before_basil_names_its_payment_and_subscription:
        "2024-06-20/invoice.paid.subscription_cycle.usd"
    an_invoice_since_basil_names_its_subscription_in_its_parent:
        "2025-09-30.clover/invoice.paid.subscription_cycle.usd"
    an_invoice_payment_links_a_payment_to_its_invoice:
        "2025-09-30.clover/invoice_payment.paid.usd"
    a_checkout_session_says_whether_it_is_paid:
        "2024-06-20/checkout.session.completed.payment.jpy"
    a_refund_names_the_charge_that_it_gives_back:
        "2024-06-20/refund.created.jpy"
    a_dispute_says_until_when_it_can_be_answered:
        "2024-06-20/charge.dispute.created.usd"
    a_subscription_says_what_is_given_each_month:
        "2025-09-30.clover/customer.subscription.deleted.usd"
}

#[test]
fn a_recurring_payment_names_its_invoice_only_before_basil() -> Result {
    let before = kept_of_sample("2024-06-20/payment_intent.succeeded.recurring.usd.json")?;
    let after = kept_of_sample("2025-09-30.clover/payment_intent.succeeded.recurring.usd.json")?;
    assert_eq!(before["invoice"], "in_1CSUPPIylE5XmDLhrqqXjUIE");
    assert_eq!(after.get("invoice"), None);
    Ok(())
}

#[test]
fn an_invoice_paid_from_credit_shows_that_no_new_money_came() -> Result {
    let invoice = kept_of_sample("2025-09-30.clover/invoice.paid.credit_balance.usd.json")?;
    assert_eq!(invoice["total"], 2500);
    assert_eq!(invoice["amount_paid"], 0);
    assert_eq!(invoice["starting_balance"], -4000);
    assert_eq!(invoice["ending_balance"], -1500);
    Ok(())
}

#[test]
fn a_checkout_session_that_waits_for_its_money_is_unpaid() -> Result {
    for version in VERSIONS {
        let name = format!("{version}/checkout.session.completed.konbini_unpaid.jpy.json");
        assert_eq!(kept_of_sample(&name)?["payment_status"], "unpaid", "{name}");
    }
    Ok(())
}

#[test]
fn the_period_of_a_subscription_is_read_at_the_top_before_basil() -> Result {
    let subscription = kept_of_sample("2024-06-20/customer.subscription.deleted.usd.json")?;
    assert_eq!(subscription["current_period_start"], 1_753_920_000);
    assert_eq!(subscription["current_period_end"], 1_756_512_000);
    assert_eq!(subscription["items"]["data"][0].get("current_period_end"), None);
    Ok(())
}

#[test]
fn a_failed_payment_keeps_the_reason_but_not_the_card() -> Result {
    let object = r#"{"last_payment_error": {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
        "payment_method": {"billing_details": {"name": "Hanako"}},
        "type": "card_error"
    }}"#;
    assert_eq!(
        kept(FactsKind::PaymentIntent, object)?["last_payment_error"],
        json!({
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "type": "card_error",
        })
    );
    Ok(())
}

#[test]
fn a_payment_in_another_currency_keeps_the_amount_that_the_donor_saw() -> Result {
    let object = r#"{"presentment_details":
        {"presentment_amount": 5000, "presentment_currency": "jpy"}}"#;
    assert_eq!(
        kept(FactsKind::PaymentIntent, object)?["presentment_details"],
        json!({ "presentment_amount": 5000, "presentment_currency": "jpy" })
    );
    Ok(())
}

#[test]
fn an_expanded_charge_in_the_place_of_its_id_is_dropped() -> Result {
    let object = r#"{"id": "pi_1", "latest_charge":
        {"id": "ch_1", "billing_details": {"name": "Hanako"}}}"#;
    let payment = kept(FactsKind::PaymentIntent, object)?;
    assert_eq!(payment, json!({ "object": "payment_intent", "id": "pi_1" }));
    Ok(())
}

#[test]
fn a_part_of_another_shape_is_dropped_and_costs_nothing_else() -> Result {
    for part in [
        r#""payment_details": "x""#,
        r#""last_payment_error": "card_declined""#,
        r#""last_payment_error": ["a"]"#,
        r#""presentment_details": [7, "usd"]"#,
        r#""payment_method_types": "card""#,
        r#""payment_method_types": {"0": "card"}"#,
    ] {
        let payment = kept(FactsKind::PaymentIntent, &format!(r#"{{"id": "pi_1", {part}}}"#))?;
        assert_eq!(payment, json!({ "object": "payment_intent", "id": "pi_1" }), "{part}");
    }
    Ok(())
}

#[test]
fn an_order_reference_is_kept_only_where_it_is_the_id_of_an_invoice() -> Result {
    let read = |reference: &str| -> Result<Value> {
        let object = json!({ "payment_details": { "order_reference": reference } }).to_string();
        Ok(kept(FactsKind::PaymentIntent, &object)?["payment_details"].take())
    };
    assert_eq!(read("in_1awYjf")?, json!({ "order_reference": "in_1awYjf" }));
    let too_long = format!("in_{}", "1".repeat(253));
    for reference in
        ["", "in_", "IN_1", "pi_1", "order-42", "in_1 ", "in_1_2", "in_1-2", "in_花子", &too_long]
    {
        assert_eq!(read(reference)?, json!({}), "{reference}");
    }
    Ok(())
}

/// Every amount that is kept, with `AMOUNT` in its place.
const AMOUNTS: [(FactsKind, &str); 28] = [
    (FactsKind::PaymentIntent, r#"{"amount":AMOUNT}"#),
    (FactsKind::PaymentIntent, r#"{"amount_capturable":AMOUNT}"#),
    (FactsKind::PaymentIntent, r#"{"amount_received":AMOUNT}"#),
    (FactsKind::PaymentIntent, r#"{"presentment_details":{"presentment_amount":AMOUNT}}"#),
    (FactsKind::Charge, r#"{"amount":AMOUNT}"#),
    (FactsKind::Charge, r#"{"amount_captured":AMOUNT}"#),
    (FactsKind::Charge, r#"{"amount_refunded":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"amount_due":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"amount_overpaid":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"amount_paid":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"amount_remaining":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"ending_balance":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"starting_balance":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"subtotal":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"total":AMOUNT}"#),
    (FactsKind::Invoice, r#"{"lines":{"data":[{"amount":AMOUNT}]}}"#),
    (FactsKind::InvoicePayment, r#"{"amount_paid":AMOUNT}"#),
    (FactsKind::InvoicePayment, r#"{"amount_requested":AMOUNT}"#),
    (FactsKind::CheckoutSession, r#"{"amount_subtotal":AMOUNT}"#),
    (FactsKind::CheckoutSession, r#"{"amount_total":AMOUNT}"#),
    (FactsKind::CheckoutSession, r#"{"total_details":{"amount_discount":AMOUNT}}"#),
    (FactsKind::CheckoutSession, r#"{"total_details":{"amount_shipping":AMOUNT}}"#),
    (FactsKind::CheckoutSession, r#"{"total_details":{"amount_tax":AMOUNT}}"#),
    (FactsKind::Refund, r#"{"amount":AMOUNT}"#),
    (FactsKind::CreditNote, r#"{"out_of_band_amount":AMOUNT}"#),
    (FactsKind::Dispute, r#"{"amount":AMOUNT}"#),
    (FactsKind::Dispute, r#"{"balance_transactions":[{"amount":AMOUNT}]}"#),
    (FactsKind::Subscription, r#"{"items":{"data":[{"price":{"unit_amount":AMOUNT}}]}}"#),
];

#[test]
fn an_amount_that_is_no_integer_is_an_error() {
    for (kind, object) in AMOUNTS {
        for amount in
            [r#""5000""#, "5000.0", "5e3", "9223372036854775808", "1e400", "true", "[]", "{}"]
        {
            let object = object.replace("AMOUNT", amount);
            assert!(kind.read(&object).is_err(), "{kind:?} {object}");
        }
    }
}

#[test]
fn an_amount_is_kept_to_the_last_unit() -> Result {
    for (kind, object) in AMOUNTS {
        for amount in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            let object = object.replace("AMOUNT", amount);
            let written = serde_json::to_string(&kind.read(&object)?)?;
            assert!(written.contains(object.trim_start_matches('{')), "{kind:?} {written}");
        }
    }
    Ok(())
}

#[test]
fn an_amount_that_is_null_is_absent() -> Result {
    for (kind, object) in AMOUNTS {
        let written = serde_json::to_string(&kind.read(&object.replace("AMOUNT", "null"))?)?;
        assert!(!written.contains("null"), "{kind:?} {written}");
    }
    Ok(())
}

#[test]
fn a_known_key_that_stands_twice_is_an_error() {
    for (kind, object) in [
        (FactsKind::PaymentIntent, r#"{"amount_received": 5000, "amount_received": 1}"#),
        (FactsKind::PaymentIntent, r#"{"id": "pi_1", "id": "pi_1"}"#),
        (FactsKind::Charge, r#"{"outcome": {"type": "authorized", "type": "blocked"}}"#),
        (FactsKind::Invoice, r#"{"lines": {"data": [{"amount": 1, "amount": 2}]}}"#),
    ] {
        assert!(kind.read(object).is_err(), "{object}");
    }
}

#[test]
fn a_list_or_an_object_that_is_null_costs_nothing() -> Result {
    for (kind, object) in [
        (FactsKind::PaymentIntent, r#"{"id": "x", "payment_method_types": null}"#),
        (FactsKind::PaymentIntent, r#"{"id": "x", "last_payment_error": null}"#),
        (FactsKind::Charge, r#"{"id": "x", "outcome": null, "payment_method_details": null}"#),
        (FactsKind::Invoice, r#"{"id": "x", "lines": null, "parent": null}"#),
        (FactsKind::InvoicePayment, r#"{"id": "x", "payment": null}"#),
        (FactsKind::CheckoutSession, r#"{"id": "x", "payment_method_types": null}"#),
        (FactsKind::Dispute, r#"{"id": "x", "evidence_details": null}"#),
        (FactsKind::Subscription, r#"{"id": "x", "items": null}"#),
    ] {
        let kept = kept(kind, object)?;
        assert_eq!(kept.as_object().unwrap().len(), 2, "the id and the kind: {kept}");
    }
    for (kind, object) in [
        (FactsKind::Invoice, r#"{"lines": {"data": null}}"#),
        (FactsKind::Invoice, r#"{"lines": {"data": [{"price": null, "pricing": null}]}}"#),
        (FactsKind::Subscription, r#"{"items": {"data": [{"price": {"recurring": null}}]}}"#),
    ] {
        assert!(kind.read(object).is_ok(), "{object}");
    }
    Ok(())
}

#[test]
fn a_field_that_does_not_fit_is_dropped_and_the_rest_is_kept() -> Result {
    let object = r#"{
        "id": "pi_1",
        "amount_received": 5000,
        "created": "yesterday",
        "currency": "Japanese yen",
        "livemode": 1,
        "payment_method_types": ["card", "A new way to pay"],
        "status": "thank you, Hanako"
    }"#;
    assert_eq!(
        kept(FactsKind::PaymentIntent, object)?,
        json!({
            "object": "payment_intent",
            "id": "pi_1",
            "amount_received": 5000,
            "payment_method_types": ["card", null],
        })
    );
    Ok(())
}
