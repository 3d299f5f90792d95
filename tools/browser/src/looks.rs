//! One page in each language, colour scheme and width.

use xtask::run::Failure;

use crate::finding::{Broken, Findings, View};
use crate::tab::Tab;

const AXE: &str = include_str!("../scripts/axe.js");
const LOOK: &str = include_str!("../scripts/look.js");
const TEXT: &str = include_str!("../scripts/text.js");

/// Looks at the page that the tab shows, as it is shown.
pub(crate) async fn look(
    tab: &Tab,
    view: View<'_>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    tab.view_in(view.width, view.scheme).await?;
    for script in [LOOK, AXE] {
        findings.add_all(view, &tab.call::<Vec<Broken>>(script).await?);
    }
    Ok(())
}

/// The looks at a page that changes between them, as the count of an alert does.
const LOOKS: u32 = 3;

/// Opens the page without scripts and looks for what is missing there.
pub(crate) async fn look_without_scripts(
    tab: &Tab,
    address: &str,
    view: View<'_>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let mut found = None;
    for _ in 0..LOOKS {
        tab.go(address, true).await?;
        let with: String = tab.call(TEXT).await?;
        tab.go(address, false).await?;
        let without: String = tab.call(TEXT).await?;
        found = difference(&with, &without);
        if found.is_none() {
            break;
        }
    }
    if let Some(found) = found {
        findings.add(view, "another text without scripts", &found);
    }
    Ok(())
}

fn difference(with: &str, without: &str) -> Option<String> {
    let lines = with.lines().zip(without.lines()).find(|(a, b)| a != b);
    let first = lines.map(|(with, without)| format!("{with:?}, {without:?}"));
    let is_longer = with.lines().count() != without.lines().count();
    first.or_else(|| is_longer.then(|| "lines are missing at the end".to_owned()))
}
