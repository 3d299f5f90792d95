//! The documents agree with the program: commands, tables, log queries, SQL and links.

mod event_types;
mod log;
mod postgres;
mod settings;
mod workers;

mod markdown;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::home::{PROGRAM, TestHome, finish};
use crate::support::server::Server;
use crate::support::{Result, clock, event};
use markdown::{
    ROOT, blocks, code_spans, commands, documents, read, rows_that_begin_with, rows_under, words,
};
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::stripe::PERMISSIONS;
use portal_domain::{
    Alert, DeadReason, IgnoredReason, NotAnEvent, NotifyError, ReadError, SignatureRefusal, State,
    StoreError, Unavailable,
};
use serde_json::Value;

/// The runbook in both languages.
const RUNBOOKS: [&str; 2] = ["docs/runbook.md", "docs/runbook.ja.md"];

/// The documents that exist in two languages.
const PAIRS: [(&str, &str); 2] =
    [("README.md", "README.ja.md"), ("docs/runbook.md", "docs/runbook.ja.md")];

/// The documents with a maximum length, in lines; the READMEs have one for each setting and command.
const LENGTHS: [(&str, usize); 3] =
    [("README.md", 139), ("README.ja.md", 139), ("ARCHITECTURE.md", 200)];

#[test]
fn every_command_line_is_one_that_the_program_takes() -> Result {
    let home = TestHome::new()?;
    let mut looked_at = 0;
    for (name, text) in documents()? {
        let spans = code_spans(&text).into_iter().filter(|it| it.starts_with("donation-portal "));
        for line in commands(&text).into_iter().chain(spans.map(str::to_owned)) {
            let Some(args) = arguments(&line) else { continue };
            assert_eq!(refusal(&home, &args)?, None, "{name}: {line}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 40, "only {looked_at} command lines were found");
    Ok(())
}

#[test]
fn a_command_line_that_the_program_does_not_take_is_noticed() -> Result {
    let home = TestHome::new()?;
    for line in [
        "donation-portal frobnicate",
        "$ cargo run --release -- events list --colour red",
        "ExecStart=/usr/bin/donation-portal serve --port 80",
        "A=$(b c) donation-portal events list --state gone | wc -l",
    ] {
        let args = arguments(line).ok_or(line)?;
        assert!(refusal(&home, &args)?.is_some(), "{line}");
    }
    Ok(())
}

#[test]
fn every_command_has_an_example_that_it_takes() -> Result {
    let home = TestHome::new()?;
    for command in listed_commands(&home)? {
        let args: Vec<String> = command.split(' ').skip(1).map(str::to_owned).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).chain(["--help"]).collect();
        // In lines that are not broken.
        let help = finish(home.configured(PROGRAM, &args).env("COLUMNS", "1000"))?.stdout;
        let examples = help.split_once("\nExample").map(|(_, text)| text).unwrap_or_default();
        let examples = examples.split("\n\n").next().unwrap_or_default();
        let lines: Vec<&str> =
            examples.lines().filter(|it| it.contains("donation-portal ")).collect();
        assert!(!lines.is_empty(), "{command} has no example");
        for line in lines {
            let begin = line.find("donation-portal ").unwrap_or_default();
            let args = arguments(line.get(begin..).unwrap_or_default()).ok_or(line)?;
            assert_eq!(refusal(&home, &args)?, None, "{command}: {line}");
        }
    }
    Ok(())
}

#[test]
fn every_command_has_a_man_page() -> Result {
    let home = TestHome::new()?;
    fs::create_dir(home.path("man1"))?;
    let said = home.run(&["man", "man1"])?;
    assert_eq!(said.code, Some(0), "{}", said.all());
    for command in listed_commands(&home)? {
        let page = fs::read_to_string(home.path("man1").join(command.replace(' ', "-") + ".1"))?;
        assert!(page.contains("Example"), "{command}");
    }
    Ok(())
}

#[test]
fn the_table_of_commands_is_that_of_the_program() -> Result {
    let home = TestHome::new()?;
    let told = listed_commands(&home)?;
    for name in ["README.md", "README.ja.md"] {
        let text = read(name)?;
        let rows = rows_that_begin_with(&text, |span| span.starts_with("donation-portal "));
        let commands: BTreeSet<String> =
            rows.iter().filter_map(|row| Some((*row.first()?).to_owned())).collect();
        assert_eq!(commands, told, "{name}");
        for row in rows {
            let (command, spans) = row.split_first().ok_or("an empty row")?;
            let args: Vec<String> = command.split(' ').skip(1).map(str::to_owned).collect();
            let help = help(&home, &args)?;
            for flag in spans.iter().filter(|span| span.starts_with("--")) {
                let flag = flag.split(' ').next().unwrap_or_default();
                let takes = help.split_whitespace().any(|word| word == flag);
                assert!(takes, "{name}: {command} {flag}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_runbooks_explain_every_reason_and_no_other() -> Result {
    let kept = [IgnoredReason::NAMES, DeadReason::NAMES].concat();
    let refused = [SignatureRefusal::NAMES, NotAnEvent::NAMES].concat();
    let failed = [StoreError::NAMES, NotifyError::NAMES, ReadError::NAMES].concat();
    let unavailable = Unavailable::NAMES.iter().copied().filter(|&it| it != "store").collect();
    let named = [kept, refused, failed, unavailable, LogReason::NAMES.to_vec()].concat();
    let given: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
    for name in RUNBOOKS {
        let explained: BTreeSet<String> =
            rows_under(&read(name)?, "`reason`").into_iter().flatten().collect();
        assert_eq!(explained, given, "{name}");
    }
    Ok(())
}

/// Alerts link to it: a heading that is the kind alone has the kind as its anchor.
#[test]
fn the_runbooks_have_a_section_on_every_kind_of_alert() -> Result {
    for name in RUNBOOKS {
        let text = read(name)?;
        for kind in Alert::SECTIONS {
            let heading = format!("### `{kind}`");
            assert_eq!(text.lines().filter(|it| *it == heading).count(), 1, "{name}: {kind}");
        }
    }
    Ok(())
}

#[test]
fn the_runbooks_explain_every_state_and_no_other() -> Result {
    for name in RUNBOOKS {
        let explained = rows_under(&read(name)?, "`state`").into_iter().flatten();
        assert_eq!(explained.collect::<Vec<_>>(), State::NAMES, "{name}");
    }
    Ok(())
}

#[test]
fn the_runbooks_explain_every_check_of_the_doctor() -> Result {
    let checks = listed(&help(&TestHome::new()?, &["doctor".to_owned()])?, "Checks:\n");
    let checks: BTreeSet<String> = checks.into_iter().collect();
    assert!(checks.len() > 10, "{checks:?}");
    for name in RUNBOOKS {
        let head = if name.ends_with(".ja.md") { "点検" } else { "check" };
        let explained: BTreeSet<String> =
            rows_under(&read(name)?, head).into_iter().flatten().collect();
        assert_eq!(explained, checks, "{name}");
    }
    Ok(())
}

#[test]
fn the_runbooks_list_the_permissions_of_the_key() -> Result {
    for (name, heading) in RUNBOOKS.into_iter().zip(["permission", "権限"]) {
        let text = read(name)?;
        let table = text.split(&format!("\n| {heading} |")).nth(1).ok_or("no table")?;
        let rows = table.lines().skip(2).map_while(|it| it.strip_prefix("| ")?.split(" |").next());
        assert!(rows.eq(PERMISSIONS), "{name}");
    }
    Ok(())
}

#[test]
fn the_runbooks_explain_every_outcome_and_no_other() -> Result {
    for name in RUNBOOKS {
        let explained: BTreeSet<String> =
            rows_under(&read(name)?, "`outcome`").into_iter().flatten().collect();
        assert_eq!(
            explained,
            LogOutcome::NAMES.iter().map(|&it| it.to_owned()).collect(),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn the_start_looks_as_the_readme_shows_it() -> Result {
    let home = TestHome::new()?;
    let server = Server::start(&mut home.configured(PROGRAM, &["dev"]))?;
    let printed = clock::wait_for("the table", Duration::from_secs(30), || {
        let text = server.text();
        Ok(text.contains("Serving at").then_some(text))
    })?;
    let printed: BTreeSet<String> = printed.lines().map(without_ids).collect();
    for name in ["README.md", "README.ja.md"] {
        let text = read(name)?;
        let shown =
            blocks(&text).into_iter().find(|block| block.iter().any(|it| it.contains("-- dev")));
        let mut shown = blocks(&text)
            .into_iter()
            .find(|block| block.len() > 4 && block.first().is_some_and(|it| it.contains("-- dev")))
            .or(shown)
            .ok_or("no start")?;
        shown.remove(0);
        for line in shown {
            assert!(printed.contains(&without_ids(&line)), "{name}: {line}\n{printed:#?}");
        }
    }
    Ok(())
}

#[test]
fn the_list_of_events_has_the_keys_that_the_readme_promises() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    server.deliver(event::payment("evt_1"))?;
    let listed = home.list(&[])?;
    let listed = listed.first().ok_or("nothing was listed")?;
    for name in ["README.md", "README.ja.md"] {
        let text = read(name)?;
        let mut spans = code_spans(&text).into_iter();
        let promised = spans.find(|span| span.starts_with("{\"id\"")).ok_or("no example")?;
        assert_eq!(keys(&serde_json::from_str(promised)?), keys(listed), "{name}");
    }
    Ok(())
}

#[test]
fn both_languages_have_the_same_commands_and_tables() -> Result {
    for (one, other) in PAIRS {
        let (one_text, other_text) = (read(one)?, read(other)?);
        assert_eq!(blocks(&one_text), blocks(&other_text), "{one} and {other}");
        let tables = |text: &str| -> Vec<Vec<String>> {
            let rows = text.lines().filter(|line| line.starts_with('|'));
            rows.map(|row| {
                let mut spans: Vec<_> = code_spans(row).into_iter().map(str::to_owned).collect();
                spans.sort();
                spans
            })
            .collect()
        };
        for (row, other_row) in tables(&one_text).iter().zip(&tables(&other_text)) {
            assert_eq!(row, other_row, "{one} and {other}");
        }
        assert_eq!(tables(&one_text).len(), tables(&other_text).len(), "{one} and {other}");
        let heads = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(heads(&one_text), heads(&other_text), "{one} and {other}");
    }
    Ok(())
}

#[test]
fn every_link_inside_leads_somewhere() -> Result {
    for (name, text) in documents()? {
        let folder = Path::new(ROOT).join(&name);
        let folder = folder.parent().ok_or("no folder")?;
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            let inside = !path.is_empty() && !link.contains("://");
            assert!(!inside || folder.join(path).exists(), "{name}: {link}");
        }
    }
    Ok(())
}

#[test]
fn nothing_is_longer_than_a_reader_was_promised() -> Result {
    for (name, lines) in LENGTHS {
        assert!(read(name)?.lines().count() <= lines, "{name} has more than {lines} lines");
    }
    Ok(())
}

/// Returns the arguments of the program, if the line calls it.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    let call =
        words.iter().position(|word| word == "donation-portal" || word.starts_with("ExecStart="));
    let first = match words.windows(3).position(|it| it.join(" ") == "run --release --") {
        Some(run) => run + 3,
        None => call? + 1,
    };
    let args = words.get(first..)?.iter();
    let ends = |word: &&String| !["|", ">", "&&", "&", ";"].contains(&word.as_str());
    let args: Vec<String> = args.take_while(ends).cloned().collect();
    // A line may have the name as that of a user or a unit.
    let command = args.first()?.chars().all(|it| it.is_ascii_lowercase());
    command.then_some(args)
}

/// Returns the error of the program for `args`, or `None` if they are valid. A final `--help` keeps
/// a valid command from running.
fn refusal(home: &TestHome, args: &[String]) -> Result<Option<String>> {
    let args: Vec<&str> = args.iter().map(String::as_str).chain(["--help"]).collect();
    let said = home.run(&args)?;
    Ok((said.code != Some(0)).then_some(said.stderr))
}

fn help(home: &TestHome, args: &[String]) -> Result<String> {
    let args: Vec<&str> = args.iter().map(String::as_str).chain(["--help"]).collect();
    Ok(home.run(&args)?.stdout)
}

/// Returns the names in the list of `help` that begins with `heading`.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let list = help.split_once(heading).map(|(_, list)| list).unwrap_or_default();
    let list = list.split("\n\n").next().unwrap_or_default();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

/// Returns every command in the program's help; one with subcommands is replaced by these.
fn listed_commands(home: &TestHome) -> Result<BTreeSet<String>> {
    let below =
        |args: &[String]| -> Result<Vec<String>> { Ok(listed(&help(home, args)?, "Commands:\n")) };
    let mut commands = BTreeSet::new();
    for name in below(&[])? {
        let further = below(std::slice::from_ref(&name))?;
        if further.is_empty() {
            commands.insert(format!("donation-portal {name}"));
        }
        commands.extend(further.iter().map(|it| format!("donation-portal {name} {it}")));
    }
    Ok(commands)
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

/// Replaces every random event id of a line by the same text.
fn without_ids(line: &str) -> String {
    let mut parts = line.trim_end().split("evt_sample");
    let mut same = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        same.push_str("evt_sample");
        same.push_str(part.trim_start_matches(|it: char| it.is_ascii_hexdigit()));
    }
    same
}
