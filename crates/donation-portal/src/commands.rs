//! One file for each command.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use portal_domain::StoreError;
use portal_sqlite::SqliteStore;

use crate::config::Database;
use crate::exit::Failure;

pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod dev;
pub(crate) mod donations;
pub(crate) mod events;
pub(crate) mod migrate;
pub(crate) mod prune;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod verify;

/// Runs a step of the SQLite store.
fn finish<T>(what: &str, step: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    match ready(step) {
        Some(done) => done.map_err(|error| Failure::could_not(what, error)),
        None => Err(Failure::could_not(what, "the store did not answer")),
    }
}

/// Runs what blocks, and so is ready when it returns: the SQLite store, and the native channels.
fn ready<T>(step: impl Future<Output = T>) -> Option<T> {
    match pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// Opens a database that is there for writing: what changes an inbox does not make one.
fn open_existing(database: &Database) -> Result<SqliteStore, Failure> {
    drop(database.open_to_read()?);
    database.open()
}
