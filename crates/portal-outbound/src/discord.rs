//! What Discord is sent (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use portal_domain::Notice;
use serde_json::{Value, json};

use crate::language::Language;
use crate::text::{text, within};

/// The longest text, in characters. Discord refuses a longer one.
const TEXT_CHARS_MAX: usize = 2000;

pub(crate) fn body(notice: &Notice, language: Language) -> Value {
    json!({
        "content": within(&text(notice, language), TEXT_CHARS_MAX),
        // Nobody is mentioned, whatever the text says.
        "allowed_mentions": { "parse": [] },
    })
}
