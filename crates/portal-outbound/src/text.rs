//! How a notice reads: what happened, what to do first, with which command, and where more stands.
//!
//! The languages stand side by side: an alert cannot be worded in one of them only.

use portal_domain::{Action, Alert, Notice, UnixSeconds};

use crate::language::Language;

mod what;

mod first;

mod digest;

mod over;

mod endpoint;
mod unseen;

mod lasting;

/// The text of `notice` for people: plain, in a few lines.
///
/// What is inserted is ids, enumerations, numbers and times: no name, and no sentence from outside.
#[must_use]
pub fn text(notice: &Notice, language: Language) -> String {
    let Notice { alert, .. } = notice;
    let lines = match notice.action {
        Action::Trigger => begun(notice, language),
        Action::Resolve => vec![over::over(alert, language), noticed(notice, language)],
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

fn begun(notice: &Notice, language: Language) -> Vec<String> {
    let Notice { alert, .. } = notice;
    let mut lines = vec![what::what(alert, language)];
    if let Alert::Digest(digest) = alert {
        lines.extend(digest::lines(digest, language));
    }
    if let Some(first) = first::first(alert, language) {
        lines.push(first);
        lines.extend(first::commands(alert));
        lines.push(noticed(notice, language));
        lines.push(format!("runbook: {}", alert.kind()));
    }
    lines
}

/// How often it was noticed, and since when.
fn noticed(notice: &Notice, language: Language) -> String {
    let Notice { count, since, .. } = notice;
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
        | Alert::Undelivered { .. }
        | Alert::StripeUnseen { .. }
        | Alert::Unreconciled { .. }
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
