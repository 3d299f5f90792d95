//! The body of a post to Slack
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>).

use portal_domain::Notification;
use serde_json::{Value, json};

use crate::context::MessageContext;
use crate::severity_mark::mark;
use crate::text::{Message, within};

/// The longest text, in characters. Slack recommends at most 4,000, and cuts at 40,000
/// (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const TEXT_CHARS_MAX: usize = 4000;

/// The longest text of a block, in characters. Slack refuses a longer one
/// (<https://docs.slack.dev/reference/block-kit/blocks/section-block>).
const SECTION_CHARS_MAX: usize = 3000;

/// Blocks for those who see them, and the same as a text for notifications and screen readers.
pub(crate) fn body(notification: &Notification, context: &MessageContext) -> Value {
    let message = Message::of(notification, context);
    let emoji = mark(notification).emoji;
    let mut blocks = vec![section(&format!("{emoji} {}", escaped(&message.summary)))];
    if !message.figures.is_empty() {
        blocks.push(section(&escaped(&message.figures.join("\n"))));
    }
    if let Some(first) = &message.first {
        let commands = escaped(&message.commands.join("\n"));
        let commands =
            if commands.is_empty() { commands } else { format!("\n```\n{commands}\n```") };
        blocks.push(section(&format!("{}{commands}", escaped(first))));
    }
    let links = message.links.iter().map(|it| match &it.url {
        Some(url) => format!("\n<{}|{}>", escaped(url), it.label),
        None => format!("\n{}", it.label),
    });
    let about = [escaped(&message.about)].into_iter().chain(links).collect::<String>();
    blocks.push(json!({ "type": "context", "elements": [mrkdwn(&about)] }));
    let text = format!("{emoji} {}", escaped(&message.plain()));
    json!({ "text": within(&text, TEXT_CHARS_MAX), "blocks": blocks })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(text) })
}

fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": within(text, SECTION_CHARS_MAX) })
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
