//! `donations export`.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on};
use crate::support::Result;
use crate::support::clock;
use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::server::signal;

transcripts! { "export", on_each_store;
    |on| home(on, 120) =>
        all_donations_are_written
        a_file_is_written_whole_and_not_replaced_unasked
        a_reader_may_stop_early;
    |on| home(on, 10_002) =>
        more_than_a_page_is_written_to_the_last;
}

transcripts! { "export", once;
    || home(On::Sqlite, 120) =>
        a_file_that_cannot_be_written_leaves_nothing_behind;
}

/// Returns a home with this number of gifts at one time, so that pages of 5,000 continue by their ids.
fn home(on: On, count: i64) -> Result<TestHome> {
    let gifts =
        (0..count).map(|it| gift(&format!("pi_{it:03}"), 5000 + it, "jpy", MIDNIGHT_IN_TOKYO));
    home_on(on, &gifts.collect::<Vec<_>>())
}

/// The process is stopped as soon as its file is there, so that the signal finds it at work.
#[test]
fn an_interrupted_export_leaves_nothing_behind() -> Result {
    let home = home(On::Sqlite, 12_000)?;
    let export = ["donations", "export", "--output", "donations.csv"];
    let mut child = home.configured(PROGRAM, &export).stderr(Stdio::piped()).spawn()?;
    clock::wait_for("the file", Duration::from_secs(30), || Ok(partial(&home)))?;
    signal(child.id(), "STOP")?;
    signal(child.id(), "INT")?;
    signal(child.id(), "CONT")?;
    let mut stderr = String::new();
    child.stderr.take().ok_or("no standard error")?.read_to_string(&mut stderr)?;
    assert_eq!(child.wait()?.code(), Some(3), "{stderr}");
    assert!(stderr.contains("it was interrupted"), "{stderr}");
    assert_eq!(partial(&home), None);
    assert!(!home.path("donations.csv").exists());
    Ok(())
}

/// Returns the name of an incomplete file.
fn partial(home: &TestHome) -> Option<String> {
    let names = fs::read_dir(home.path("")).into_iter().flatten().flatten();
    let mut names = names.map(|it| it.file_name().display().to_string());
    names.find(|it| it.ends_with(".partial"))
}
