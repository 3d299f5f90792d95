//! Events: snapshots, and their thin twins.

use serde_json::{Value, json};

use crate::stripe::canary::IDEMPOTENCY_KEY;
use crate::stripe::object::{Object, ObjectKind};
use crate::stripe::time::iso;

/// One event, which only its own account changes.
#[derive(Clone, Debug)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// The type of the snapshot; the thin twin's has the prefix `v1.`.
    pub event_type: &'static str,
    /// Unix seconds.
    pub created: i64,
    /// The id of the object that it is about.
    pub object: String,
    /// The time from which it is listed, in Unix seconds.
    pub visible_at: i64,
    /// False if Stripe failed to make it.
    pub generated: bool,
    pub(crate) kind: ObjectKind,
    /// The index of the object's state that it shows.
    pub(crate) state: usize,
    pub(crate) api_version: &'static str,
}

/// A report of an event that could not be made.
pub(crate) struct Health {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) event_type: &'static str,
    pub(crate) kind: ObjectKind,
    pub(crate) object: String,
}

const HEALTH_TYPE: &str = "v2.core.health.event_generation_failure.resolved";

impl Event {
    /// Returns the id of the thin event of the same change.
    #[must_use]
    pub fn thin_id(&self) -> String {
        self.id.replacen("evt_1", "evt_65", 1)
    }

    /// Returns the snapshot, with the object as `data` shows it.
    pub(crate) fn snapshot(
        &self,
        data: Value,
        about: &Object,
        livemode: bool,
        api_version: &str,
        pending_webhooks: u32,
    ) -> Value {
        let mut event = json!({
            "id": self.id, "object": "event", "api_version": api_version, "created": self.created,
            "data": {}, "livemode": livemode, "pending_webhooks": pending_webhooks,
            "request": {"id": self.request(about), "idempotency_key": self.key(about)},
            "type": self.event_type,
        });
        if let Some(whole) = event.get_mut("data").and_then(Value::as_object_mut) {
            whole.insert("object".into(), data);
        }
        event
    }

    /// Returns the thin event as it is pushed.
    pub(crate) fn thin(&self, about: &Object, livemode: bool) -> Value {
        let request = json!({"id": self.request(about), "idempotency_key": self.key(about)});
        let reason = self.request(about).map(|_| json!({"type": "request", "request": request}));
        json!({
            "id": self.thin_id(), "object": "v2.core.event", "context": null,
            "created": iso(self.created), "livemode": livemode, "reason": reason,
            "related_object": related(self.kind, &self.object),
            "type": format!("v1.{}", self.event_type),
        })
    }

    /// Returns the thin event as it is fetched.
    pub(crate) fn whole(&self, about: &Object, livemode: bool) -> Value {
        let mut whole = self.thin(about, livemode);
        if let Some(fields) = whole.as_object_mut() {
            fields.insert("changes".into(), Value::Null);
            fields.insert("snapshot_event".into(), json!(self.id));
        }
        whole
    }

    /// Renewals and the actions of banks come from no request.
    fn request(&self, about: &Object) -> Option<String> {
        let by_itself = about.invoice.is_some()
            || matches!(self.kind, ObjectKind::Invoice | ObjectKind::Dispute | ObjectKind::Payout);
        (!by_itself).then(|| self.id.replacen("evt_", "req_", 1))
    }

    fn key(&self, about: &Object) -> Option<String> {
        self.request(about).map(|_| format!("{IDEMPOTENCY_KEY}-{}", self.id))
    }
}

impl Health {
    /// Returns the report as it is pushed.
    pub(crate) fn thin(&self, livemode: bool) -> Value {
        json!({
            "id": self.id, "object": "v2.core.event", "context": null,
            "created": iso(self.created), "livemode": livemode, "reason": null,
            "related_object": null, "type": HEALTH_TYPE,
        })
    }

    /// Returns the report as it is fetched, with the object of the event that could not be made.
    pub(crate) fn whole(&self, livemode: bool) -> Value {
        let mut whole = self.thin(livemode);
        if let Some(fields) = whole.as_object_mut() {
            let impact = json!({
                "event_type": self.event_type, "related_object_id": self.object,
                "related_object": related(self.kind, &self.object),
            });
            fields.insert("changes".into(), Value::Null);
            fields.insert("data".into(), json!({"impact": impact}));
        }
        whole
    }
}

fn related(kind: ObjectKind, id: &str) -> Value {
    json!({"id": id, "type": kind.name(), "url": format!("{}/{id}", kind.path())})
}
