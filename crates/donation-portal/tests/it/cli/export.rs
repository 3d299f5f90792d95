//! `donations export`.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on};
use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::home::{On, PROGRAM, TestHome};

fn home(on: On) -> Result<TestHome> {
    let gifts =
        (0..120).map(|it| gift(&format!("pi_{it:03}"), 5000 + it, "jpy", MIDNIGHT_IN_TOKYO));
    home_on(on, &gifts.collect::<Vec<_>>())
}

/// Returns the names of the files in `home` that an export may have made.
fn files(home: &TestHome) -> Result<Vec<String>> {
    let entries = fs::read_dir(home.path(""))?.map(|it| Ok(it?.file_name().display().to_string()));
    let mut names: Vec<String> = entries.collect::<Result<_>>()?;
    names.retain(|name| !name.starts_with("portal.db"));
    Ok(names)
}

on_each_store! {
    all_donations_are_written
    more_than_a_page_is_written_to_the_last
    a_file_is_written_whole_and_not_replaced_unasked
    a_reader_may_stop_early
}

fn all_donations_are_written(on: On) -> Result {
    let home = home(on)?;
    let csv = home.run(&["donations", "export"])?;
    assert_done(&csv);
    assert_eq!(csv.stdout.lines().count(), 121);
    assert_eq!(csv.stderr, "");
    let list = home.run(&["donations", "list", "--limit", "1000", "--format", "csv"])?;
    assert_eq!(csv.stdout, list.stdout);
    let json = home.run(&["donations", "export", "--format", "json"])?;
    let list = home.run(&["donations", "list", "--limit", "1000", "--format", "json"])?;
    assert_eq!(json.stdout, list.stdout);
    let none = home.run(&["donations", "export", "--currency", "usd", "--format", "json"])?;
    assert_eq!(none.all(), "");
    Ok(())
}

fn more_than_a_page_is_written_to_the_last(on: On) -> Result {
    // Two pages of the command and two gifts more. All gifts have the same time, so that pages
    // continue by their ids.
    let all = 2 * 5_000 + 2;
    let gifts = (0..all).map(|it| gift(&format!("pi_{it}"), 100, "jpy", MIDNIGHT_IN_TOKYO));
    let home = home_on(on, &gifts.collect::<Vec<_>>())?;
    let said = home.run(&["donations", "export", "--format", "json"])?;
    assert_done(&said);
    assert_eq!(said.stdout.lines().count(), all);
    assert_eq!(said.stdout.lines().collect::<BTreeSet<_>>().len(), all);
    Ok(())
}

fn a_file_is_written_whole_and_not_replaced_unasked(on: On) -> Result {
    let home = home(on)?;
    let export = ["donations", "export", "--output", "donations.csv"];
    let said = home.run(&export)?;
    assert_done(&said);
    assert_eq!(
        (said.stdout.as_str(), said.stderr.as_str()),
        ("", "120 donations in donations.csv\n")
    );
    let written = fs::read_to_string(home.path("donations.csv"))?;
    assert_eq!(written, home.run(&["donations", "export"])?.stdout);

    fs::write(home.path("donations.csv"), "mine")?;
    let refused = home.run(&export)?;
    assert_failed(&refused, 2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(home.path("donations.csv"))?, "mine");

    assert_done(&home.run(&[&export[..], &["--force"]].concat())?);
    assert_eq!(fs::read_to_string(home.path("donations.csv"))?, written);
    assert_eq!(files(&home)?, ["donations.csv"]);
    Ok(())
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() -> Result {
    let home = home(On::Sqlite)?;
    fs::create_dir(home.path("folder"))?;
    for output in ["missing/donations.csv", "folder"] {
        let said = home.run(&["donations", "export", "--force", "--output", output])?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains(output), "{}", said.stderr);
    }
    assert_eq!(files(&home)?, ["folder"]);
    Ok(())
}

fn a_reader_may_stop_early(on: On) -> Result {
    let home = home(on)?;
    for command in [&["donations", "export"][..], &["donations", "list", "--limit", "500"]] {
        let mut child = home
            .configured(PROGRAM, command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().ok_or("no standard error")?.read_to_string(&mut stderr)?;
        assert_eq!((child.wait()?.code(), stderr.as_str()), (Some(0), ""), "{command:?}");
    }
    Ok(())
}
