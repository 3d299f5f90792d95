//! The body of a post to PagerDuty
//! (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).

use portal_domain::{Action, Alert, Notification};
use serde_json::{Map, Value, json};

use crate::address::RoutingKey;
use crate::context::MessageContext;
use crate::text::{Message, within};

/// The URL of PagerDuty's Events API; customers in the EU have another host.
pub const PAGERDUTY_EVENTS_URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// The longest summary, in characters. PagerDuty refuses a longer one.
const SUMMARY_CHARS_MAX: usize = 1024;

/// The longest deduplication key, in characters. PagerDuty refuses a longer one.
const DEDUP_KEY_CHARS_MAX: usize = 255;

/// True unless the alert is a digest, which must wake nobody up.
pub(crate) fn takes(alert: &Alert) -> bool {
    match alert {
        Alert::Digest(_) => false,
        Alert::EventDead { .. }
        | Alert::SignatureRefusals { .. }
        | Alert::StoreUnavailable { .. }
        | Alert::Dispute { .. }
        | Alert::RefundFailed { .. }
        | Alert::PayoutFailed { .. }
        | Alert::PayoutDiffers { .. }
        | Alert::PayoutStuck { .. }
        | Alert::DonationsNotPaidOut { .. }
        | Alert::Silence { .. }
        | Alert::ConnectedAccountsOnly { .. }
        | Alert::Endpoint { .. }
        | Alert::EventsNotDelivered { .. }
        | Alert::StripeUnreadable { .. }
        | Alert::ReconciliationIncomplete { .. }
        | Alert::ChannelFailing { .. }
        | Alert::Test { .. } => true,
    }
}

pub(crate) fn body(
    notification: &Notification,
    context: &MessageContext,
    key: &RoutingKey,
) -> Value {
    let dedup_key = within(&format!("donation-portal:{}", notification.key), DEDUP_KEY_CHARS_MAX);
    let event_action = notification.action.name();
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    add("routing_key", json!(key.as_str()));
    add("event_action", json!(event_action));
    add("dedup_key", json!(dedup_key));
    if notification.action == Action::Trigger {
        let message = Message::of(notification, context);
        add("payload", payload(notification, &message, context));
        add("client", json!(format!("donation-portal ({})", context.host)));
        let links = message.links.iter().filter_map(|it| Some((it.url.as_ref()?, &it.label)));
        let links: Vec<_> = links.collect();
        if let Some((url, _)) = links.first() {
            add("client_url", json!(url));
            let link = |(url, label): &(&String, &String)| json!({ "href": url, "text": label });
            add("links", links.iter().map(link).collect());
        }
    }
    body.into()
}

fn payload(notification: &Notification, message: &Message, context: &MessageContext) -> Value {
    json!({
        "summary": within(&message.summary, SUMMARY_CHARS_MAX),
        "source": context.host,
        "severity": notification.alert.severity().name(),
        "timestamp": notification.since.to_string(),
        "class": notification.alert.kind(),
        "custom_details": { "text": message.plain(), "count": notification.count },
    })
}
