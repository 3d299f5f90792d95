//! The text of a notification: a summary, the first step, its commands, and the section of the
//! runbook.
//!
//! The languages stand side by side, so an alert cannot be worded in only one of them.

use portal_domain::money::for_people;
use portal_domain::{Action, Alert, Currency, Notification};

use crate::context::MessageContext;
use crate::language::{Language, Locale};

mod summary;

mod first;

mod digest;

mod resolved;

mod channel_failing;
mod endpoint;
mod payout;
mod unread;

mod duration;
pub use duration::duration;

/// A notification for people, in parts, so that each channel can show which is which.
pub(crate) struct Message {
    /// The first line, which stands alone.
    pub(crate) summary: String,
    /// The figures of a digest.
    pub(crate) figures: Vec<String>,
    /// The first step.
    pub(crate) first: Option<String>,
    pub(crate) commands: Vec<String>,
    /// The time since when, or for how long, and who says so.
    pub(crate) about: String,
    /// The page of the console, if there is one, then the runbook's section.
    pub(crate) links: Vec<MessageLink>,
}

/// A place to read on.
pub(crate) struct MessageLink {
    pub(crate) label: String,
    /// Not known where the operator has set no URL.
    pub(crate) url: Option<String>,
}

/// Returns the text of `notification` for people: plain, in a few lines.
///
/// Only ids, enumerations, numbers and times are inserted, and what the operator has configured: no name,
/// and no sentence from outside.
#[must_use]
pub fn text(notification: &Notification, context: &MessageContext) -> String {
    Message::of(notification, context).plain()
}

impl Message {
    pub(crate) fn of(notification: &Notification, context: &MessageContext) -> Self {
        let language = context.language();
        let mark = if about_test_money(&notification.alert) { test_mark(language) } else { "" };
        let mut message = match notification.action {
            Action::Trigger => begun(notification, context),
            Action::Resolve => ended(notification, context),
        };
        message.summary = format!("{mark}{}", message.summary);
        let between = language.pick(" ", "");
        message.about = [message.about, context.from()]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(between);
        message
    }

    /// Returns all parts, each in lines of its own.
    pub(crate) fn plain(&self) -> String {
        let Self { summary, figures, first, commands, about, links } = self;
        let links = links.iter().map(|it| it.url.as_ref().unwrap_or(&it.label));
        let lines = [summary].into_iter().chain(figures).chain(first).chain(commands);
        let lines: Vec<_> = lines.chain([about]).chain(links).map(String::as_str).collect();
        lines.join("\n")
    }
}

/// Returns `text`, cut to at most `chars_max` characters.
pub(crate) fn within(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

fn begun(notification: &Notification, context: &MessageContext) -> Message {
    let Notification { alert, .. } = notification;
    let locale = &context.locale;
    let figures =
        if let Alert::Digest(digest) = alert { digest::lines(digest, locale) } else { Vec::new() };
    let first = first::first(alert, locale.language);
    let is_problem = first.is_some();
    Message {
        summary: summary::summary(alert, context),
        figures,
        first,
        commands: first::commands(alert, context),
        about: if is_problem { noticed(notification, locale) } else { String::new() },
        links: if is_problem { links(notification, context) } else { Vec::new() },
    }
}

fn ended(notification: &Notification, context: &MessageContext) -> Message {
    Message {
        summary: resolved::resolved(&notification.alert, context.language()),
        figures: Vec::new(),
        first: None,
        commands: Vec::new(),
        about: lasted(notification, &context.locale),
        links: Vec::new(),
    }
}

fn links(notification: &Notification, context: &MessageContext) -> Vec<MessageLink> {
    let kind = notification.alert.kind();
    let page = context.page(&notification.key).map(|url| MessageLink {
        label: context.language().pick("console", "コンソール").to_owned(),
        url: Some(url),
    });
    let section = MessageLink { label: format!("runbook: {kind}"), url: context.section(kind) };
    page.into_iter().chain([section]).collect()
}

/// Returns the sentence on the number and the first time of its occurrences, and on its return.
fn noticed(notification: &Notification, locale: &Locale) -> String {
    let Notification { count, times, .. } = notification;
    let since = locale.time(notification.since);
    let back = match times {
        0 | 1 => String::new(),
        2.. => locale.language.pick(
            format!("Back again: number {times} within 24 hours. "),
            format!("24 時間以内に {times} 回目の発生です。"),
        ),
    };
    let noticed = match count {
        0 | 1 => locale
            .language
            .pick(format!("Noticed at {since}."), format!("{since} に検知しました。")),
        2.. => locale.language.pick(
            format!("Noticed {count} times since {since}."),
            format!("{since} から {count} 回検知しました。"),
        ),
    };
    back + &noticed
}

/// Returns the sentence on when and for how long it was there.
fn lasted(notification: &Notification, locale: &Locale) -> String {
    let Notification { since, changed_at, .. } = notification;
    let (begin, language) = (locale.time(*since), locale.language);
    let lasted = duration(changed_at.since(*since).max(0), language);
    language.pick(
        format!("It began at {begin} and lasted {lasted}."),
        format!("{begin} から {lasted}続きました。"),
    )
}

/// Returns an amount in minor units as the language writes it: `12,345 JPY`, or `12,345 円`.
fn amount_text(amount: i64, currency: &Currency, language: Language) -> String {
    let text = for_people(amount, currency);
    match (language, text.strip_suffix(" JPY")) {
        (Language::Ja, Some(yen)) => format!("{yen} 円"),
        (Language::Ja | Language::En, _) => text,
    }
}

/// Returns a day such as `2026-11-21` as the language writes it: `2026年11月21日`.
fn day_text(day: &str, language: Language) -> String {
    match (language, day.split('-').collect::<Vec<_>>().as_slice()) {
        (Language::Ja, [year, month, date]) => format!("{year}年{month}月{date}日"),
        (Language::Ja | Language::En, _) => day.to_owned(),
    }
}

/// True if it is about test mode. A digest marks each line by itself.
fn about_test_money(alert: &Alert) -> bool {
    match alert {
        Alert::Dispute { livemode, .. }
        | Alert::RefundFailed { livemode, .. }
        | Alert::PayoutFailed { livemode, .. }
        | Alert::PayoutDiffers { livemode, .. }
        | Alert::PayoutStuck { livemode, .. }
        | Alert::DonationsNotPaidOut { livemode, .. } => !livemode,
        Alert::EventDead { .. }
        | Alert::SignatureRefusals { .. }
        | Alert::StoreUnavailable { .. }
        | Alert::Silence { .. }
        | Alert::ConnectedAccountsOnly { .. }
        | Alert::Endpoint { .. }
        | Alert::EventsNotDelivered { .. }
        | Alert::StripeUnreadable { .. }
        | Alert::ReconciliationIncomplete { .. }
        | Alert::ChannelFailing { .. }
        | Alert::Digest(_)
        | Alert::Test { .. } => false,
    }
}

fn test_mark(language: Language) -> &'static str {
    language.pick("[test] ", "【テスト環境】")
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_text_that_is_too_long_ends_with_an_ellipsis() {
        assert_eq!(within("寄付の集計", 5), "寄付の集計");
        assert_eq!(within("寄付の集計", 4), "寄付の…");
        assert_eq!(within("", 4), "");
    }
}
