//! The command line as operators and developers use it.

#[macro_use]
mod transcript;

mod alerts;
mod backup;
mod configuration;
mod copy;
mod dev;
mod doctor;
mod donations;
mod events;
mod export;
mod help;
mod ledger;
mod ledger_check;
mod misuse;
mod postgres;
mod prune;
mod reconcile;
mod refusals;
mod restore;
mod retry_and_ignore;
mod send;
mod totals;
mod verify;

use crate::support::home::Said;

/// Asserts that a command exited with this code and one line of error.
#[track_caller]
fn assert_failed(said: &Said, code: i32) {
    assert_eq!(said.code, Some(code), "{}", said.all());
    assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
    assert_eq!(said.stderr.trim_end().lines().count(), 1, "{}", said.stderr);
    assert_eq!(said.stdout, "");
}

/// Asserts that a command exited with 0.
#[track_caller]
fn assert_done(said: &Said) {
    assert_eq!(said.code, Some(0), "{}", said.all());
}
