//! The fields of forms that filter a list.

use maud::{Markup, html};

use crate::page_request::PageRequest;

/// A choice of a list: the value, its text, and whether it is chosen.
pub(crate) type Choice = (&'static str, &'static str, bool);

/// Returns a field for a text. Its value was read before, so it is an id, a word, a date or a number.
pub(crate) fn field(page: &PageRequest, key: &'static str, label: &str, example: &str) -> Markup {
    html! {
        div {
            label for=(key) { (label) }
            input id=(key) name=(key) value=(page.value(key).unwrap_or_default())
                placeholder=(example) size="14" autocomplete="off" spellcheck="false";
        }
    }
}

/// Returns a field for one of some words, or any.
pub(crate) fn choices(
    page: &PageRequest,
    key: &'static str,
    label: &str,
    choices: &[Choice],
) -> Markup {
    html! {
        div {
            label for=(key) { (label) }
            select id=(key) name=(key) {
                option value="" { (page.pick("any", "すべて")) }
                @for (value, text, chosen) in choices {
                    option value=(value) selected[*chosen] { (text) }
                }
            }
        }
    }
}
