//! The way of the Tab key through a page.

use serde::Deserialize;
use xtask::run::Failure;

use crate::finding::{Findings, View};
use crate::tab::Tab;

const CONTROLS: &str = include_str!("../scripts/controls.js");
const FOCUSED: &str = include_str!("../scripts/focused.js");

/// The code of the Tab key.
const TAB: i64 = 9;

/// The control that has the focus.
#[derive(Deserialize)]
struct Focused {
    /// The place among the controls of the page, or -1 for something else.
    place: i64,
    is_body: bool,
    is_seen: bool,
    is_skip_link: bool,
    element: String,
}

/// Presses Tab until the focus leaves the page. It has to start with the skip link, and to reach each
/// control in the order in which they are read.
pub(crate) async fn go_through(
    tab: &Tab,
    view: View<'_>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let count: i64 = tab.call(CONTROLS).await?;
    let mut last = -1;
    // A region that scrolls has the focus too where the browser gives it to such.
    for pressed in 0..count * 2 {
        tab.press("Tab", TAB).await?;
        let focused: Focused = tab.call(FOCUSED).await?;
        if focused.is_body || focused.place == 0 && pressed > 0 {
            break;
        }
        if pressed == 0 && !focused.is_skip_link {
            findings.add(view, "Tab does not start with the skip link", &focused.element);
        }
        if !focused.is_seen {
            findings.add(view, "the focus cannot be seen", &focused.element);
        }
        if focused.place > last + 1 || (0..last).contains(&focused.place) {
            findings.add(view, "Tab leaves the order of reading", &focused.element);
        }
        last = last.max(focused.place);
    }
    if last + 1 < count {
        let missed = format!("{} of {count} controls", count - last - 1);
        findings.add(view, "Tab does not reach", &missed);
    }
    Ok(())
}
