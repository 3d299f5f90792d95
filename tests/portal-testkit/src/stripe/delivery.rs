//! The deliveries that Stripe would post.

use serde_json::Value;

use crate::stripe::account::Account;
use crate::stripe::render::{Style, render};

/// The payload that an endpoint subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Whole objects, in the API version of the endpoint.
    Snapshot(&'static str),
    /// Only the id of the object.
    Thin,
}

/// One body to post. It contains personal data.
pub struct Delivery {
    pub id: String,
    pub event_type: String,
    /// Unix seconds.
    pub created: i64,
    /// Two-space JSON with `id` and `object` first, as Stripe signs it.
    pub body: Vec<u8>,
}

impl Account {
    /// Returns every event that was made, the oldest first, as it would be posted. The reports of
    /// events that could not be made follow at the end, and only as thin events.
    pub fn deliveries(&self, payload: Payload) -> impl Iterator<Item = Delivery> {
        let snapshot_or_thin = move |event| {
            let about = self.state_of(event)?;
            Some(match payload {
                Payload::Thin => event.thin(about, self.livemode),
                Payload::Snapshot(version) => {
                    let data = render(about, Style::of(self, version));
                    event.snapshot(data, about, self.livemode, version, 1)
                }
            })
        };
        let made = self.events().filter(|it| it.generated);
        let events = made.filter_map(move |it| Some(delivery(it.created, &snapshot_or_thin(it)?)));
        let health = self.health.oldest_first().filter(move |_| payload == Payload::Thin);
        events.chain(health.map(|it| delivery(it.created, &it.thin(self.livemode))))
    }
}

fn delivery(created: i64, event: &Value) -> Delivery {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Delivery { id: text("id"), event_type: text("type"), created, body: body(event) }
}

/// Writes JSON like Stripe: indented by two spaces, `id` and `object` first, the rest sorted.
pub(crate) fn body(value: &Value) -> Vec<u8> {
    let mut text = String::new();
    write(value, "\n", &mut text);
    text.into_bytes()
}

/// `line` is the line break with the indentation around `value`.
fn write(value: &Value, line: &str, text: &mut String) {
    let inner = format!("{line}  ");
    let begin = |text: &mut String, is_first| text.push_str(if is_first { "" } else { "," });
    match value {
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                begin(text, n == 0);
                text.push_str(&inner);
                write(item, &inner, text);
            }
            text.push_str(line);
            text.push(']');
        }
        Value::Object(fields) if !fields.is_empty() => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| (*name != "id", *name != "object", *name));
            text.push('{');
            for (n, (name, it)) in fields.into_iter().enumerate() {
                begin(text, n == 0);
                text.extend([&inner, "\"", name, "\": "]);
                write(it, &inner, text);
            }
            text.push_str(line);
            text.push('}');
        }
        Value::String(_) | Value::Array(_) | Value::Object(_) => text.push_str(&value.to_string()),
        Value::Null => text.push_str("null"),
        Value::Bool(it) => text.push_str(if *it { "true" } else { "false" }),
        Value::Number(it) => text.push_str(&it.to_string()),
    }
}
