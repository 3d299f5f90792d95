//! All pages.

use std::fs;

use xtask::run::Failure;

use crate::finding::{Findings, LANGUAGES, SCHEMES, View};
use crate::portal::Portal;
use crate::tab::Tab;
use crate::{install, keyboard, links, looks, paper};

/// Looks at every page of the console.
pub(crate) async fn look_at_all(
    tab: &mut Tab,
    portal: &Portal,
    widths: &[u32],
    findings: &mut Findings,
) -> Result<(), Failure> {
    fs::create_dir_all(install::kept(""))?;
    let widest = widths.iter().copied().max().ok_or("no width")?;
    tab.view_in(widest, "light").await?;
    let found = links::follow(tab, &portal.origin).await?;
    for (page, status, title) in &found.dead_ends {
        let view = View { page, language: "en", scheme: "light", width: widest };
        findings.add(view, "a link leads here", &format!("{status} {title}"));
    }
    for page in &found.all {
        println!("{page}");
        for language in LANGUAGES {
            look_at(tab, &portal.origin, page, language, widths, findings).await?;
        }
    }
    println!("{} pages", found.all.len());
    Ok(())
}

/// Looks at one page in one language.
async fn look_at(
    tab: &mut Tab,
    origin: &str,
    page: &str,
    language: &str,
    widths: &[u32],
    findings: &mut Findings,
) -> Result<(), Failure> {
    let sign = if page.contains('?') { '&' } else { '?' };
    let address = format!("{origin}{page}{sign}lang={language}");
    tab.take_messages();
    let view = |width, scheme| View { page, language, scheme, width };
    for &width in widths {
        // Anew, or the Tab key would go on where it ended.
        tab.go(&address, true).await?;
        tab.load_axe().await?;
        for scheme in SCHEMES {
            looks::look(tab, view(width, scheme), findings).await?;
        }
        tab.view_in(width, "light").await?;
        keyboard::go_through(tab, view(width, "light"), findings).await?;
    }
    let last = view(widths.last().copied().unwrap_or_default(), "light");
    let name = file_name(page, language);
    tab.picture(&format!("{name}.png")).await?;
    paper::print(tab, &name, last, findings).await?;
    looks::look_without_scripts(tab, &address, last, findings).await?;
    for message in tab.take_messages() {
        // Chromium logs the status of a page that is an error on purpose.
        if !message.ends_with(&address) {
            findings.add(last, "the browser's console", &message);
        }
    }
    Ok(())
}

/// `/ops/events?state=dead` in Japanese: `events-state-dead-ja`.
fn file_name(page: &str, language: &str) -> String {
    let name = page.trim_start_matches("/ops/");
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words: Vec<_> = words.filter(|it| !it.is_empty()).chain([language]).collect();
    let first = if name.is_empty() { "overview-" } else { "" };
    format!("{first}{}", words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_picture_is_named_after_its_page() {
        assert_eq!(file_name("/ops/", "en"), "overview-en");
        assert_eq!(file_name("/ops/events?state=dead", "ja"), "events-state-dead-ja");
    }
}
