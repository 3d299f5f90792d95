//! The mistakes that shells, files of variables and copying make in the value of any setting.

use super::InvalidValue;

/// Refuses a text that can be the value of no setting.
pub(super) fn check(text: &str) -> Result<(), InvalidValue> {
    let quoted = |quote: char| text.strip_prefix(quote).is_some_and(|it| it.ends_with(quote));
    let (why, advice) = if text.trim().is_empty() {
        ("it is blank, but for white space", "remove it")
    } else if text.trim() != text {
        (
            "it begins or ends with white space",
            "remove it, such as a newline that was copied with it",
        )
    } else if text.chars().any(is_invisible) {
        ("it has a character that cannot be seen", "copy it again")
    } else if quoted('"') || quoted('\'') {
        ("it is in quotes, which are a part of the value here", "remove them")
    } else if text.starts_with('$') || text.contains("${") {
        ("it names a variable that was not expanded", "give the value")
    } else if text.contains('…') {
        ("it is cut short by …", "give the whole value")
    } else {
        return Ok(());
    };
    Err(InvalidValue::new(why).advise(advice))
}

/// Control characters, and those of no width.
fn is_invisible(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
