//! The documents have of the settings what the table has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portal_service::settings::{OnWorker, SETTINGS, Secrecy, SettingHelp};

use crate::docs::markdown::{ROOT, read};
use crate::support::Result;

#[test]
fn the_readmes_have_the_table_of_settings() -> Result {
    for (name, none, language) in [
        ("README.md", "none", (|it| it.english) as fn(&SettingHelp) -> &str),
        ("README.ja.md", "なし", |it| it.japanese),
    ] {
        let row = |it: &SettingHelp| {
            let default = it.setting.default.map_or_else(|| none.into(), |it| format!("`{it}`"));
            format!("| `{}` | {default} | {} |\n", it.setting.name, language(it))
        };
        let table: String = SETTINGS.iter().map(row).collect();
        assert!(read(name)?.contains(&table), "{name} must have these rows:\n{table}");
    }
    Ok(())
}

#[test]
fn the_configuration_of_the_worker_has_its_settings_with_their_defaults() -> Result {
    let open = SETTINGS.iter().filter(|it| it.setting.secrecy == Secrecy::Open);
    let lines = open.filter_map(|it| {
        let (about, value) = match it.worker {
            OnWorker::Same => (it.english, it.setting.default.unwrap_or(it.setting.example)),
            OnWorker::But(about) => (about, it.setting.example),
            OnWorker::No => return None,
        };
        Some(format!("# {about}\n# {} = \"{value}\"\n", it.setting.name))
    });
    let vars = format!("\n[vars]\n{}\n", lines.collect::<String>());
    let file = read("crates/portal-worker/wrangler.toml")?;
    assert!(file.contains(&vars), "wrangler.toml must have:{vars}");
    for it in secrets().filter(|it| it.worker == OnWorker::Same) {
        assert!(file.contains(it.setting.name), "{}", it.setting.name);
    }
    Ok(())
}

#[test]
fn the_documents_name_the_settings_that_workers_lack_and_those_that_are_secrets() -> Result {
    for name in ["README.md", "README.ja.md"] {
        let text = read(name)?;
        let about = text.lines().find(|line| line.contains("wrangler secret put"));
        let about = about.ok_or("nothing about Workers")?;
        for it in SETTINGS.iter().filter(|it| it.worker != OnWorker::Same) {
            assert!(about.contains(it.setting.name), "{name}: {}", it.setting.name);
        }
    }
    let security = read("SECURITY.md")?;
    for it in secrets() {
        assert!(security.contains(it.setting.name), "SECURITY.md: {}", it.setting.name);
    }
    Ok(())
}

#[test]
fn no_text_of_the_program_names_a_setting_that_is_not_there() -> Result {
    let known: BTreeSet<&str> = SETTINGS.iter().map(|it| it.setting.name).collect();
    let words = ["STRIPE", "SIGNATURE", "DATABASE", "SLACK", "DISCORD", "PAGERDUTY", "WEBHOOK"];
    let mut named = BTreeSet::new();
    for text in printed()? {
        let all = text.split(|it: char| !it.is_ascii_uppercase() && it != '_');
        for name in all.filter(|it| words.iter().any(|word| it.starts_with(&format!("{word}_")))) {
            let setting = name.strip_suffix("_FILE").unwrap_or(name);
            assert!(known.contains(setting), "{name}: {text}");
            named.insert(setting.to_owned());
        }
    }
    assert!(named.len() >= 10, "{named:?}");
    Ok(())
}

/// Returns the lines that commands print and that channels are sent, as the other tests have them.
fn printed() -> Result<Vec<String>> {
    let mut printed = Vec::new();
    let folders = ["crates/donation-portal/tests/it/cli", "crates/portal-outbound/tests/it/texts"];
    let mut todo: Vec<PathBuf> = folders.iter().map(|it| Path::new(ROOT).join(it)).collect();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                todo.push(entry?.path());
            }
        } else if path.extension().is_some_and(|it| it == "txt") {
            let text = fs::read_to_string(path)?;
            let lines = text.lines().filter(|it| !["$ ", "> "].iter().any(|p| it.starts_with(p)));
            printed.extend(lines.map(str::to_owned));
        }
    }
    Ok(printed)
}

fn secrets() -> impl Iterator<Item = &'static SettingHelp> {
    SETTINGS.iter().filter(|it| it.setting.secrecy == Secrecy::Secret)
}
