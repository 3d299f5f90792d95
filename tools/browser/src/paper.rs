//! A page as it is printed.

use std::fs;

use xtask::run::{Failure, command, read};

use crate::finding::{Findings, View};
use crate::install;
use crate::tab::Tab;

/// Prints the page that the tab shows: the heading, and sums where there are some, have to be on the
/// first sheet, and what only a screen needs on none.
pub(crate) async fn print(
    tab: &Tab,
    name: &str,
    view: View<'_>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let file = install::kept(&format!("{name}.pdf"));
    fs::write(&file, tab.print().await?)?;
    let file = file.to_str().ok_or("a path that is no text")?;
    let first = read(&mut command("pdftotext", &["-q", "-l", "1", "-layout", file, "-"]))?;
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let first = plain(&first);
    let due: Vec<String> = tab.call(include_str!("../scripts/first_sheet.js")).await?;
    for text in due.iter().filter(|it| !first.contains(&plain(it))) {
        findings.add(view, "not on the first sheet", text);
    }
    let screen_only: Vec<String> = tab.call(include_str!("../scripts/screen_only.js")).await?;
    for text in screen_only.iter().filter(|it| first.contains(&plain(it))) {
        findings.add(view, "printed", text);
    }
    Ok(())
}
