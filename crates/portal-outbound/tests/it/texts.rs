//! The text of each notification, in English and Japanese beside each other.
//!
//! Files in `texts/` have them. `SNAPSHOTS=overwrite` writes them anew, to be read before a commit.

mod digests;
mod endings;
mod first_steps;
mod problems;

use std::ops::Range;
use std::path::Path;

use jiff::tz::{TimeZone, offset};
use portal_domain::{Action, Alert, Notification};
use portal_outbound::{Language, Locale, MessageContext};
use snapbox::{Data, assert_data_eq};

use crate::notifications::notification;

/// All lines of a text.
const WHOLE: Range<usize> = 0..usize::MAX;

/// Returns the text of a service with all that it may know, for readers in Tokyo.
fn text(notification: &Notification, language: Language) -> String {
    let zone = TimeZone::fixed(offset(9));
    let context = MessageContext {
        host: "web-1".into(),
        livemode: Some(true),
        runbook_url: Some("https://runbook.example/".into()),
        database: Some("/var/lib/donation-portal/inbox.db".into()),
        ..MessageContext::new(Locale { language, zone })
    };
    portal_outbound::text(notification, &context)
}

/// Asserts that `file` has these lines of the texts of each alert, below its name.
fn assert_texts(
    file: &str,
    lines: Range<usize>,
    alerts: impl IntoIterator<Item = (String, Alert)>,
) {
    let alerts = alerts.into_iter().map(|(name, alert)| (name, alert, Action::Trigger));
    assert_notified(file, lines, alerts);
}

fn assert_notified(
    file: &str,
    lines: Range<usize>,
    alerts: impl IntoIterator<Item = (String, Alert, Action)>,
) {
    let mut texts = String::new();
    for (name, alert, action) in alerts {
        texts.extend(["# ", &name, "\n"]);
        for language in Language::ALL {
            let text = text(&notification(alert.clone(), action, 1), language);
            assert!(
                Alert::SECTIONS.contains(&alert.kind()) || matches!(alert, Alert::Test { .. }),
                "{name}"
            );
            let lines: Vec<_> = text.lines().skip(lines.start).take(lines.len()).collect();
            texts.extend([&lines.join("\n"), "\n"]);
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/texts").join(file);
    assert_data_eq!(texts, Data::read_from(&file, None).raw());
}

#[test]
fn a_language_is_known_by_its_name() {
    assert_eq!(Language::from_name("en"), Some(Language::En));
    assert_eq!(Language::from_name("ja"), Some(Language::Ja));
    assert_eq!(Language::from_name("JA"), None);
    assert_eq!(Language::default().name(), "en");
}
