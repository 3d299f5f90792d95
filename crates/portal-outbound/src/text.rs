//! How a notification reads: what happened, what to do first, with which command, and where more stands.
//!
//! The languages stand side by side: an alert cannot be worded in one of them only.

use portal_domain::{Action, Alert, Notification, UnixSeconds};

use crate::language::Language;

mod what;

mod first;

mod digest;

mod over;

mod endpoint;
mod unread;

mod lasting;

/// The text of `notification` for people: plain, in a few lines.
///
/// What is inserted is ids, enumerations, numbers and times: no name, and no sentence from outside.
#[must_use]
pub fn text(notification: &Notification, language: Language) -> String {
    let Notification { alert, .. } = notification;
    let lines = match notification.action {
        Action::Trigger => begun(notification, language),
        Action::Resolve => vec![over::over(alert, language), noticed(notification, language)],
    };
    let mark = if about_test_money(alert) { test_mark(language) } else { "" };
    format!("{mark}{}", lines.join("\n"))
}

/// `text`, or as much of it as has `chars_max` characters.
pub(crate) fn within(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

fn begun(notification: &Notification, language: Language) -> Vec<String> {
    let Notification { alert, .. } = notification;
    let mut lines = vec![what::what(alert, language)];
    if let Alert::Digest(digest) = alert {
        lines.extend(digest::lines(digest, language));
    }
    if let Some(first) = first::first(alert, language) {
        lines.push(first);
        lines.extend(first::commands(alert));
        lines.push(noticed(notification, language));
        lines.push(format!("runbook: {}", alert.kind()));
    }
    lines
}

/// How often it was noticed, and since when.
fn noticed(notification: &Notification, language: Language) -> String {
    let Notification { count, since, .. } = notification;
    match count {
        0 | 1 => at(*since, language),
        2.. => language.pick(
            format!("Noticed {count} times since {since}."),
            format!("{since} から {count} 回検知しました。"),
        ),
    }
}

fn at(since: UnixSeconds, language: Language) -> String {
    language.pick(format!("Noticed at {since}."), format!("{since} に検知しました。"))
}

/// Whether it is about no real money. A digest says so line by line.
fn about_test_money(alert: &Alert) -> bool {
    match alert {
        Alert::Dispute { livemode, .. } | Alert::RefundFailed { livemode, .. } => !livemode,
        Alert::EventDead { .. }
        | Alert::SignatureRefusals { .. }
        | Alert::StoreUnavailable { .. }
        | Alert::Silence { .. }
        | Alert::ConnectedAccountsOnly { .. }
        | Alert::Endpoint { .. }
        | Alert::EventsNotDelivered { .. }
        | Alert::StripeUnreadable { .. }
        | Alert::ReconciliationIncomplete { .. }
        | Alert::Digest(_)
        | Alert::Test => false,
    }
}

fn test_mark(language: Language) -> &'static str {
    language.pick("[test] ", "【テスト】")
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis() {
        assert_eq!(within("寄付の集計", 5), "寄付の集計");
        assert_eq!(within("寄付の集計", 4), "寄付の…");
        assert_eq!(within("", 4), "");
    }
}
