//! The text of each notification in each language.

mod english;
mod japanese;

mod digests;
mod reconciling;

use portal_domain::{Action, Alert};
use portal_outbound::{Language, text};

use crate::notifications::notification;

fn assert_text(alert: Alert, language: Language, expected: &str) {
    assert_eq!(text(&notification(alert, Action::Trigger, 1), language), expected);
}

fn assert_resolved(alert: Alert, language: Language, expected: &str) {
    assert_eq!(text(&notification(alert, Action::Resolve, 1), language), expected);
}

#[test]
fn a_language_is_known_by_its_name() {
    assert_eq!(Language::from_name("en"), Some(Language::En));
    assert_eq!(Language::from_name("ja"), Some(Language::Ja));
    assert_eq!(Language::from_name("JA"), None);
    assert_eq!(Language::default().name(), "en");
}
