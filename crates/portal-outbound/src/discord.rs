//! The body of a post to Discord
//! (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use portal_domain::Notification;
use serde_json::{Value, json};

use crate::language::Locale;
use crate::text::{text, within};

/// The longest text, in characters. Discord refuses a longer one.
const TEXT_CHARS_MAX: usize = 2000;

pub(crate) fn body(notification: &Notification, locale: &Locale) -> Value {
    json!({
        "content": within(&text(notification, locale), TEXT_CHARS_MAX),
        // Nobody is mentioned, whatever the text says.
        "allowed_mentions": { "parse": [] },
    })
}
