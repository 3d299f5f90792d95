//! The body of a post to Discord
//! (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use portal_domain::Notification;
use serde_json::{Value, json};

use crate::context::MessageContext;
use crate::severity_mark::mark;
use crate::text::{Message, within};

/// The longest description of an embed, in characters. Discord refuses a longer one
/// (<https://discord.com/developers/docs/resources/message#embed-object-embed-limits>).
const DESCRIPTION_CHARS_MAX: usize = 4096;

/// An embed, because only that has a colour.
pub(crate) fn body(notification: &Notification, context: &MessageContext) -> Value {
    let message = Message::of(notification, context);
    let severity = mark(notification);
    let mut parts = vec![format!("{} {}", severity.emoji, message.summary)];
    parts.extend(message.figures);
    parts.extend(message.first);
    if !message.commands.is_empty() {
        parts.push(format!("```\n{}\n```", message.commands.join("\n")));
    }
    parts.push(message.about);
    parts.extend(message.links.into_iter().map(|it| match it.url {
        Some(url) => format!("[{}](<{url}>)", it.label),
        None => it.label,
    }));
    let description = within(&parts.join("\n"), DESCRIPTION_CHARS_MAX);
    json!({
        "embeds": [{ "description": description, "color": severity.colour }],
        // Nobody is mentioned, whatever the text says.
        "allowed_mentions": { "parse": [] },
    })
}
