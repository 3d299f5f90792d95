//! Findings of `doctor` on pages.

use maud::{Markup, html};
use portal_service::doctor::{CheckFinding, Level};

use crate::page_request::PageRequest;

/// Returns the class, and the sign and the word for a level: never colour alone.
pub(crate) fn level(page: &PageRequest, level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Wrong => ("bad", page.pick("✕ wrong", "✕ 問題あり")),
        Level::Warning => ("warn", page.pick("▲ warning", "▲ 警告")),
        Level::Ok => ("ok", page.pick("✓ ok", "✓ 正常")),
        Level::NotChecked => ("quiet", page.pick("? not checked", "? 未確認")),
    }
}

/// A list of findings, each with what to do about it.
pub(crate) fn list<'f>(
    page: &PageRequest,
    findings: impl IntoIterator<Item = &'f CheckFinding>,
) -> Markup {
    let language = page.locale.language;
    html! {
        ul .cards {
            @for finding in findings {
                @let (class, word) = level(page, finding.level);
                li {
                    p { strong { span class=(class) { (word) } " " span .id { (finding.check.name()) } } }
                    p { (language.choose(&finding.found)) }
                    @if let Some(advice) = &finding.advice {
                        p .quiet { "→ " (language.choose(advice)) }
                    }
                }
            }
        }
    }
}
