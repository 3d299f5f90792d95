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

/// Opens the page without scripts and looks for what is missing there.
pub(crate) async fn look_without_scripts(
    tab: &Tab,
    address: &str,
    view: View<'_>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let with: String = tab.call(TEXT).await?;
    tab.go(address, false).await?;
    let without: String = tab.call(TEXT).await?;
    if let Some((with, without)) = with.lines().zip(without.lines()).find(|(a, b)| a != b) {
        findings.add(view, "another text without scripts", &format!("{with:?}, {without:?}"));
    } else if with.lines().count() != without.lines().count() {
        findings.add(view, "another text without scripts", "lines are missing at the end");
    }
    Ok(())
}
