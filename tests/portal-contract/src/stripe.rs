//! Stripe's objects and events as JSON with the fields that matter here. They are read like the body
//! of a delivery.

#![expect(clippy::expect_used, reason = "a sample that cannot be made is a mistake in the test")]

use bytes::Bytes;
use portal_domain::{
    Event, Facts, FactsKind, Origin, Payload, Receiver, Secrets, State, Tolerance, sign,
};
use serde_json::{Map, Value, json};

pub use crate::samples::BEGIN;
use crate::samples::{at, facts};

/// An API version in which payments and invoices name each other.
pub const OLD: &str = "2024-06-20";

/// The first API version in which payments and charges have no field for their invoice.
const BASIL: &str = "2025-03-31";

/// An API version in which payments and invoices do not name each other.
pub const NEW: &str = "2025-09-30.clover";

/// The id of an event without an id of its own.
const UNNAMED: &str = "evt_1";

/// One of Stripe's objects; `with` sets a field or replaces it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Object(Value);

impl Object {
    /// Returns an object with a kind and an id only.
    pub fn of(kind: &str, id: &str) -> Self {
        Self(json!({"id": id, "object": kind}))
    }

    /// Returns its id.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.get("id").and_then(Value::as_str).expect("an id")
    }

    /// Sets a field.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        let fields = self.0.as_object_mut().expect("an object");
        fields.insert(field.into(), value.into());
        self
    }

    /// Sets the currency, and each amount that is not 0.
    pub fn of_money(self, amount: i64, currency: &str) -> Self {
        let Value::Object(fields) = &self.0 else { return self };
        let has_amount = |(name, it): &(&String, &Value)| name.contains("amount") && **it != 0;
        let names: Vec<_> =
            fields.iter().filter(has_amount).map(|(name, _)| name.clone()).collect();
        let object = names.iter().fold(self, |object, name| object.with(name, amount));
        object.with("currency", currency)
    }

    /// Adds the field `invoice`, which payments and charges have in [`OLD`], as null if it is not set.
    fn with_invoice_field(mut self) -> Self {
        let name = self.0.get("object").and_then(Value::as_str);
        let has_it = name.is_some_and(|it| ["payment_intent", "charge"].contains(&it));
        if let Some(fields) = self.0.as_object_mut().filter(|_| has_it) {
            fields.entry("invoice").or_insert(Value::Null);
        }
        self
    }
}

/// Returns a PaymentIntent of 1000 JPY.
pub fn payment(id: &str, status: &str) -> Object {
    let received = if status == "succeeded" { 1000 } else { 0 };
    Object(json!({
        "id": id, "object": "payment_intent", "status": status, "amount": 1000,
        "amount_received": received, "currency": "jpy"
    }))
}

/// Returns a charge of 1000 JPY: one attempt of the payment `pi`.
pub fn charge(id: &str, pi: &str, status: &str) -> Object {
    let captured = if status == "succeeded" { 1000 } else { 0 };
    Object(json!({
        "id": id, "object": "charge", "status": status, "amount": 1000, "amount_captured": captured,
        "captured": status == "succeeded", "amount_refunded": 0, "currency": "jpy",
        "payment_intent": pi, "created": BEGIN
    }))
}

/// Returns a Checkout session for a payment of 1000 JPY.
pub fn session(pi: &str, payment_status: &str) -> Object {
    Object(json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
        "payment_status": payment_status, "amount_total": 1000, "currency": "jpy",
        "payment_intent": pi, "invoice": null
    }))
}

/// Returns a Checkout session that began a subscription and paid its first invoice.
pub fn subscribing_session(invoice: &str) -> Object {
    session("", "paid")
        .with("mode", "subscription")
        .with("payment_intent", Value::Null)
        .with("invoice", invoice)
        .with("subscription", "sub_1")
}

/// Returns an invoice of 1000 JPY of a subscription, as before 2025-03-31.basil.
pub fn old_invoice(id: &str, status: &str, pi: &str) -> Object {
    invoice(id, status)
        .with("payment_intent", pi)
        .with("paid_out_of_band", false)
        .with("subscription", "sub_1")
}

/// Returns an invoice of 1000 JPY of a subscription, as since 2025-03-31.basil.
pub fn new_invoice(id: &str, status: &str) -> Object {
    invoice(id, status).with(
        "parent",
        json!({"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}),
    )
}

/// Returns an invoice of 1000 JPY. Unless it is a draft, its collection was attempted.
pub fn invoice(id: &str, status: &str) -> Object {
    let paid = if status == "paid" { 1000 } else { 0 };
    let tried = status != "draft";
    Object(json!({
        "id": id, "object": "invoice", "status": status, "amount_due": 1000, "amount_paid": paid,
        "currency": "jpy", "attempted": tried, "attempt_count": i64::from(tried)
    }))
}

/// Returns an InvoicePayment, which since 2025-05-28.basil links the payment `pi` with an invoice.
pub fn invoice_payment(invoice: &str, pi: &str) -> Object {
    Object(json!({
        "id": "inpay_1", "object": "invoice_payment", "status": "paid", "amount_paid": 1000,
        "currency": "jpy", "invoice": invoice,
        "payment": {"type": "payment_intent", "payment_intent": pi}
    }))
}

/// Returns a credit note for a part of an invoice that is refunded outside Stripe.
pub fn credit_note(id: &str, invoice: &str, status: &str, amount: i64) -> Object {
    Object(json!({
        "id": id, "object": "credit_note", "invoice": invoice, "status": status, "currency": "jpy",
        "out_of_band_amount": amount
    }))
}

/// Returns a refund of the payment `pi`.
pub fn refund(id: &str, pi: &str, status: &str, amount: i64) -> Object {
    Object(json!({
        "id": id, "object": "refund", "status": status, "amount": amount, "currency": "jpy",
        "payment_intent": pi, "charge": "ch_1", "created": BEGIN
    }))
}

/// Returns a dispute of the payment `pi`.
pub fn dispute(pi: &str, status: &str) -> Object {
    Object(json!({
        "id": "du_1", "object": "dispute", "status": status, "amount": 1000, "currency": "jpy",
        "payment_intent": pi, "charge": "ch_1"
    }))
}

/// Returns a subscription.
pub fn subscription(status: &str) -> Object {
    Object(json!({"id": "sub_1", "object": "subscription", "status": status, "currency": "jpy"}))
}

/// An event of Stripe, or an object read from its API.
#[derive(Clone, Debug)]
#[must_use]
pub struct Told {
    event: Value,
    shown: Option<Shown>,
}

/// An object read from Stripe's API.
#[derive(Clone, Debug)]
struct Shown {
    object: Value,
    /// The time of reading, in seconds after [`BEGIN`].
    second: i64,
    /// True if the object belongs to a thin event.
    to_event: bool,
}

/// Returns an event `second` seconds after [`BEGIN`], in this API version.
pub fn told(api_version: &str, second: i64, event_type: &str, object: Object) -> Told {
    let object = if api_version < BASIL { object.with_invoice_field() } else { object };
    let data = Map::from_iter([("object".to_owned(), object.0)]);
    let event = Object(json!({
        "id": UNNAMED, "object": "event", "type": event_type, "created": BEGIN + second,
        "livemode": true, "api_version": api_version
    }));
    Told { event: event.with("data", data).0, shown: None }
}

/// Returns an event `second` seconds after [`BEGIN`], in the API version [`OLD`].
pub fn old(second: i64, event_type: &str, object: Object) -> Told {
    told(OLD, second, event_type, object)
}

/// Returns an event `second` seconds after [`BEGIN`], in the API version [`NEW`].
pub fn new(second: i64, event_type: &str, object: Object) -> Told {
    told(NEW, second, event_type, object)
}

/// Returns a thin event `second` seconds after [`BEGIN`]; its object is fetched at `shown_at` and is
/// `object`.
///
/// # Panics
/// If this second has no calendar date.
pub fn thin(second: i64, event_type: &str, object: Object, shown_at: i64) -> Told {
    let created = jiff::Timestamp::from_second(BEGIN + second).expect("a moment");
    let event = json!({
        "id": UNNAMED, "object": "v2.core.event", "type": format!("v1.{event_type}"),
        "created": created.to_string(), "livemode": true,
        "related_object": {"id": object.0.get("id"), "type": object.0.get("object")}
    });
    Told { event, shown: Some(Shown { object: object.0, second: shown_at, to_event: true }) }
}

/// Returns an object that was read from Stripe's API `second` seconds after [`BEGIN`], in a comparison
/// with the ledger.
pub fn observed(second: i64, object: Object) -> Told {
    let Told { event, .. } = new(second, "object.reconciled", object.clone());
    Told { event, shown: Some(Shown { object: object.0, second, to_event: false }) }
}

/// Returns the finding that Stripe has no invoice of the payment `pi`.
pub fn no_invoice(pi: &str) -> Object {
    Object::of("no_invoice", pi)
}

/// Returns the event of a file.
///
/// # Panics
/// If the file is no JSON.
pub fn from_file(body: &str) -> Told {
    whole(serde_json::from_str(body).expect("a sample in JSON"))
}

/// Returns an event as Stripe delivers it.
pub fn whole(event: Value) -> Told {
    Told { event, shown: None }
}

impl Told {
    /// Changes the event to test mode.
    pub fn in_test_mode(self) -> Self {
        self.with("livemode", false)
    }

    /// Makes it an event of a connected account.
    pub fn of_account(self, account: &str) -> Self {
        self.with("account", account)
    }

    /// Sets the id of the event.
    pub fn known_as(self, id: &str) -> Self {
        self.with("id", id)
    }

    /// Sets the id by its place in a story, if it has no id of its own.
    pub(crate) fn numbered(self, place: usize) -> Self {
        let unnamed = self.event.get("id").and_then(Value::as_str) == Some(UNNAMED);
        if unnamed { self.known_as(&format!("evt_{place}")) } else { self }
    }

    fn with(self, field: &str, value: impl Into<Value>) -> Self {
        Self { event: Object(self.event).with(field, value).0, ..self }
    }

    /// Returns the body that Stripe would post.
    #[must_use]
    pub fn body(&self) -> String {
        self.event.to_string()
    }

    /// Returns the event as the portal reads it.
    ///
    /// # Panics
    /// If the portal would refuse it.
    #[must_use]
    pub fn event(&self) -> Event {
        let body = self.body();
        let secrets = Secrets::new("whsec_suite").expect("a secret");
        let now = at(BEGIN);
        let header = sign(secrets.iter().next().expect("a secret"), now, body.as_bytes());
        let receiver = Receiver { secrets, tolerance: Tolerance::DEFAULT };
        let event = receiver.read([header.as_bytes()], Bytes::from(body), now);
        let event = event.expect("an event that is taken");
        match &self.shown {
            Some(shown) if !shown.to_event => Event {
                payload: Payload::Object,
                facts: Some(shown.facts()),
                state: State::Processed,
                origin: Origin::Reconciled,
                fetched_at: Some(at(BEGIN + shown.second)),
                ..event
            },
            Some(_) | None => event,
        }
    }

    /// Returns the thin event with its object, if Stripe's API has one.
    #[must_use]
    pub fn fetched(&self) -> Option<Event> {
        let shown = self.shown.as_ref().filter(|it| it.to_event)?;
        let facts = shown.facts();
        Some(Event {
            object_id: facts.object_id().cloned(),
            facts: Some(facts),
            state: State::Processed,
            fetched_at: Some(at(BEGIN + shown.second)),
            ..self.event()
        })
    }
}

impl Shown {
    fn facts(&self) -> Facts {
        let kind = self.object.get("object").and_then(Value::as_str).expect("a kind");
        facts(FactsKind::of_object(kind).expect("a kind with facts"), &self.object.to_string())
    }
}
