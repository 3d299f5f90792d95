//! The findings, and the list of them at the end.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use xtask::run::Failure;

/// The languages of pages.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "ja"];

/// The values of `prefers-color-scheme`.
pub(crate) const SCHEMES: [&str; 2] = ["light", "dark"];

/// One view of a page.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The address of the page, without the language.
    pub(crate) page: &'a str,
    pub(crate) language: &'a str,
    pub(crate) scheme: &'a str,
    pub(crate) width: u32,
}

/// The rule that an element of a page breaks, as the scripts return it.
#[derive(Deserialize)]
pub(crate) struct Broken {
    pub(crate) rule: String,
    pub(crate) element: String,
}

/// All that was found. What several views of a page share is said once.
#[derive(Default)]
pub(crate) struct Findings {
    by_element: BTreeMap<[String; 3], Vec<String>>,
}

impl Findings {
    pub(crate) fn add(&mut self, view: View<'_>, rule: &str, element: &str) {
        let key = [view.page, rule, element].map(str::to_owned);
        self.by_element.entry(key).or_default().push(view.to_string());
    }

    pub(crate) fn add_all(&mut self, view: View<'_>, broken: &[Broken]) {
        for Broken { rule, element } in broken {
            self.add(view, rule, element);
        }
    }

    /// Prints the list; fails where it is not empty.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        for ([page, rule, element], views) in &self.by_element {
            println!("\n{page}\n  {rule}: {element}\n  in {}", views.join("; "));
        }
        match self.by_element.len() {
            0 => Ok(()),
            count => Err(format!("{count} findings").into()),
        }
    }
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { language, scheme, width, .. } = self;
        write!(f, "{language} {scheme} {width}")
    }
}
