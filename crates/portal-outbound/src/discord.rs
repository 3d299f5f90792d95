//! The body of a post to Discord
//! (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use portal_domain::Notification;
use serde_json::{Value, json};

use crate::language::Language;
use crate::text::{text, within};

/// The longest text, in characters. Discord refuses a longer one.
const TEXT_CHARS_MAX: usize = 2000;

pub(crate) fn body(notification: &Notification, language: Language) -> Value {
    json!({
        "content": within(&text(notification, language), TEXT_CHARS_MAX),
        // Nobody is mentioned, whatever the text says.
        "allowed_mentions": { "parse": [] },
    })
}
