//! The mistakes that shells, files of variables and copying make in the value of any setting.

use portal_domain::text;

use super::InvalidValue;

/// Refuses a text that can be the value of no setting.
pub(super) fn check(text: &str) -> Result<(), InvalidValue> {
    let quoted = |quote: char| text.strip_prefix(quote).is_some_and(|it| it.ends_with(quote));
    let (why, advice) = if text.trim().is_empty() {
        (
            text!("it is blank, but for white space", "空白しかありません"),
            text!("remove it", "削除してください"),
        )
    } else if text.trim() != text {
        (
            text!("it begins or ends with white space", "前後に空白があります"),
            text!(
                "remove it, such as a newline that was copied with it",
                "一緒にコピーされた改行などを削除してください"
            ),
        )
    } else if text.chars().any(is_invisible) {
        (
            text!("it has a character that cannot be seen", "目に見えない文字が含まれています"),
            text!("copy it again", "コピーし直してください"),
        )
    } else if quoted('"') || quoted('\'') {
        (
            text!(
                "it is in quotes, which are a part of the value here",
                "引用符で囲まれています（ここでは値の一部になります）"
            ),
            text!("remove them", "引用符を削除してください"),
        )
    } else if text.starts_with('$') || text.contains("${") {
        (
            text!(
                "it names a variable that was not expanded",
                "展開されていない変数名が入っています"
            ),
            text!("give the value", "値そのものを指定してください"),
        )
    } else if text.contains('…') {
        (
            text!("it is cut short by …", "… で省略されています"),
            text!("give the whole value", "値の全体を指定してください"),
        )
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
