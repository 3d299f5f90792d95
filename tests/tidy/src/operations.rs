//! The places that one operation of the store is written in.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::Tree;

/// The ports of the domain that stores implement: one trait, or several.
const PORTS: [&str; 6] = ["Store", "Inbox", "Ledger", "Alerts", "Jobs", "Reports"];

/// The packages in which an operation has a part: its port, the stores, and their contract.
const PACKAGES: [&str; 5] =
    ["portal-domain", "portal-sqlite", "portal-d1", "portal-postgres", "portal-contract"];

/// Returns, for each operation of the ports, the files that define a function of its name.
///
/// This is the least number of places: SQL under another name, and the list of cases, are not seen.
pub(crate) fn places(tree: &Tree) -> BTreeMap<String, BTreeSet<String>> {
    let files = || tree.files.iter().filter(|file| PACKAGES.contains(&file.package.as_str()));
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files().filter(|file| file.package == "portal-domain") {
        let items = file.syntax.iter().flat_map(|syntax| &syntax.items);
        for item in items {
            let syn::Item::Trait(port) = item else { continue };
            let functions = port.items.iter().filter_map(|item| match item {
                syn::TraitItem::Fn(it) => Some(it.sig.ident.to_string()),
                _ => None,
            });
            if PORTS.contains(&port.ident.to_string().as_str()) {
                places.extend(functions.map(|name| (name, BTreeSet::new())));
            }
        }
    }
    for (name, places) in &mut places {
        let definition = format!("fn {name}");
        let defines = |text: &str| {
            text.match_indices(&definition)
                .any(|(at, _)| text[at + definition.len()..].starts_with(['(', '<']))
        };
        places.extend(files().filter(|file| defines(&file.text)).map(|file| file.path.clone()));
    }
    places
}
