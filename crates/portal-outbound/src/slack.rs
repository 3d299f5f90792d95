//! The body of a post to Slack
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>).

use portal_domain::Notification;
use serde_json::{Value, json};

use crate::language::Locale;
use crate::text::{text, within};

/// The longest text, in characters. Slack recommends at most 4,000, and cuts at 40,000
/// (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const TEXT_CHARS_MAX: usize = 4000;

pub(crate) fn body(notification: &Notification, locale: &Locale) -> Value {
    json!({ "text": escaped(&within(&text(notification, locale), TEXT_CHARS_MAX)) })
}

/// Applies Slack's own escapes (<https://docs.slack.dev/messaging/formatting-message-text>), so
/// that no text can make a link or a mention.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_mention_is_text() {
        assert_eq!(escaped("<!channel> & more"), "&lt;!channel&gt; &amp; more");
    }
}
