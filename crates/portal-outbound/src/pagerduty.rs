//! What PagerDuty is sent (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).

use portal_domain::{Action, Alert, Notice};
use serde_json::{Value, json};

use crate::address::RoutingKey;
use crate::language::Language;
use crate::text::{text, within};

/// Where PagerDuty takes events; its customers in the EU have another host.
pub const PAGERDUTY_EVENTS_URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// The longest summary, in characters. PagerDuty refuses a longer one.
const SUMMARY_CHARS_MAX: usize = 1024;

/// The longest deduplication key, in characters. PagerDuty refuses a longer one.
const DEDUP_KEY_CHARS_MAX: usize = 255;

/// A digest wakes nobody up.
pub(crate) fn takes(alert: &Alert) -> bool {
    match alert {
        Alert::Digest(_) => false,
        Alert::EventDead { .. }
        | Alert::SignatureRefusals { .. }
        | Alert::StoreUnavailable { .. }
        | Alert::Dispute { .. }
        | Alert::RefundFailed { .. }
        | Alert::Silence { .. }
        | Alert::ConnectedAccountsOnly { .. }
        | Alert::Endpoint { .. }
        | Alert::Undelivered { .. }
        | Alert::StripeUnseen { .. }
        | Alert::Unreconciled { .. }
        | Alert::Test => true,
    }
}

pub(crate) fn body(notice: &Notice, language: Language, key: &RoutingKey) -> Value {
    let dedup_key = within(&format!("donation-portal:{}", notice.key), DEDUP_KEY_CHARS_MAX);
    let event_action = notice.action.name();
    match notice.action {
        Action::Trigger => json!({
            "routing_key": key.as_str(),
            "event_action": event_action,
            "dedup_key": dedup_key,
            "payload": payload(notice, language),
        }),
        Action::Resolve => json!({
            "routing_key": key.as_str(),
            "event_action": event_action,
            "dedup_key": dedup_key,
        }),
    }
}

fn payload(notice: &Notice, language: Language) -> Value {
    let text = text(notice, language);
    let summary = text.lines().next().unwrap_or_default();
    json!({
        "summary": within(summary, SUMMARY_CHARS_MAX),
        "source": "donation-portal",
        "severity": notice.alert.severity().name(),
        "timestamp": notice.since.to_string(),
        "class": notice.alert.kind(),
        "custom_details": { "text": text, "count": notice.count },
    })
}
