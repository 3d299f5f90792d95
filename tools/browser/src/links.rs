//! The addresses of the console, found by following links from its first page.

use std::collections::BTreeSet;

use serde::Deserialize;
use xtask::run::Failure;

use crate::tab::Tab;

/// Pages that no link leads to: buttons do, or nothing.
const WITHOUT_LINK: [&str; 2] = ["/ops/sign-in", "/ops/nothing"];

/// A page as its links show it.
#[derive(Deserialize)]
struct Linked {
    status: u16,
    title: String,
    links: Vec<String>,
}

/// The addresses of the console, and the dead ends on the way: address, status, title.
pub(crate) struct Addresses {
    pub(crate) all: Vec<String>,
    pub(crate) dead_ends: Vec<(String, u16, String)>,
}

/// Follows the links of each page to those of its site. Of addresses that differ only in ids and in
/// values of their query one is taken.
pub(crate) async fn follow(tab: &Tab, origin: &str) -> Result<Addresses, Failure> {
    let mut all: Vec<String> = vec!["/ops/".to_owned()];
    let mut shapes: BTreeSet<_> = all.iter().map(|it| shape(it)).collect();
    let mut dead_ends = Vec::new();
    let mut next = 0;
    while let Some(address) = all.get(next).cloned() {
        tab.go(&format!("{origin}{address}"), true).await?;
        let page: Linked = tab.call(include_str!("../scripts/links.js")).await?;
        if page.status != 200 {
            dead_ends.push((address, page.status, page.title));
        }
        let links = page.links.iter().filter_map(|it| page_of(it));
        all.extend(links.filter(|it| shapes.insert(shape(it))));
        next += 1;
    }
    all.extend(WITHOUT_LINK.map(str::to_owned));
    Ok(Addresses { all, dead_ends })
}

/// Returns the address of a page of the console without its language; a file to be kept is none.
fn page_of(link: &str) -> Option<String> {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let last = path.rsplit('/').next()?;
    if !path.starts_with("/ops/") || last.contains('.') || path.starts_with("/ops/api/") {
        return None;
    }
    let query: Vec<_> = query.split('&').filter(|it| !it.is_empty() && !is_same_page(it)).collect();
    Some(if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) })
}

/// True for a pair of the query that leads to the same page: in another language, or refreshed.
fn is_same_page(pair: &str) -> bool {
    pair.starts_with("lang=") || pair.starts_with("live=")
}

/// Returns what addresses of one kind share.
fn shape(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_id = |it: &str| it.contains(|letter: char| letter.is_ascii_digit() || letter == '_');
    let path: Vec<_> = path.split('/').map(|it| if is_id(it) { "{id}" } else { it }).collect();
    let mut keys: Vec<_> = query.split('&').filter_map(|it| it.split('=').next()).collect();
    keys.sort_unstable();
    format!("{}?{}", path.join("/"), keys.join("&"))
}

#[cfg(test)]
mod tests {
    use super::{page_of, shape};

    #[test]
    fn pages_of_one_kind_have_one_shape() {
        assert_eq!(shape("/ops/events/evt_1?b=1&a=2"), shape("/ops/events/evt_2?a=1&b=1"));
        assert_ne!(shape("/ops/events/evt_1"), shape("/ops/donations/in_1"));
        assert_ne!(shape("/ops/events/"), shape("/ops/events/?after=1"));
    }

    #[test]
    fn a_language_makes_no_other_page_and_a_file_is_none() {
        assert_eq!(page_of("/ops/?mode=test&lang=ja").as_deref(), Some("/ops/?mode=test"));
        assert_eq!(page_of("/ops/?live=10&lang=ja").as_deref(), Some("/ops/"));
        for other in ["/ops/donations.csv?mode=test", "/ops/api/v1/overview", "/", "/health"] {
            assert_eq!(page_of(other), None, "{other}");
        }
    }
}
