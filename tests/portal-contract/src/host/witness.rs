//! Access to what a host stores and logs.

use serde_json::Value;

use crate::host::Failure;

/// Access to the database and the log of a host.
///
/// It may lag behind: the cases wait for log lines, and read the rest only when these are there. The
/// log is read often, the rest rarely.
pub trait Witness: Send + Sync {
    /// Returns the log lines so far, in their order. They may include lines of other programs.
    ///
    /// # Errors
    /// If the log cannot be read.
    fn log(&self) -> Result<Vec<Value>, Failure>;

    /// Returns the ids of the recorded events, one for each row, in the order of arrival.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn inbox(&self) -> Result<Vec<String>, Failure>;

    /// Returns the state of the recorded event with this id.
    ///
    /// # Errors
    /// If the database cannot be read, or has no such event.
    fn state(&self, id: &str) -> Result<String, Failure>;

    /// Returns all bytes at rest and all output so far, each with its place.
    ///
    /// # Errors
    /// If something cannot be read.
    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>, Failure>;
}
