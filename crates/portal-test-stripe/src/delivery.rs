//! What Stripe would post.

use serde_json::Value;

use crate::account::Account;
use crate::render::{Style, render};

/// What an endpoint is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Whole objects, in the API version that the endpoint is made for.
    Snapshot(&'static str),
    /// Only what each is about.
    Thin,
}

/// One body to post. It has personal data in it.
pub struct Delivery {
    /// `evt_…`, as in the body.
    pub id: String,
    /// As in the body.
    pub event_type: String,
    /// When the event was made, in Unix seconds.
    pub created: i64,
    /// Two-space JSON with `id` and `object` first, as Stripe signs it.
    pub body: Vec<u8>,
}

impl Account {
    /// Every event that was made, the oldest first, as it would be posted. What tells of events
    /// that could not be made comes at the end, and only thin.
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

/// JSON as Stripe writes it: two spaces, `id` and `object` first, the rest by the alphabet.
pub(crate) fn body(value: &Value) -> Vec<u8> {
    let mut text = String::new();
    write(value, "\n", &mut text);
    text.into_bytes()
}

/// `line` begins a line of what `value` stands in.
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
