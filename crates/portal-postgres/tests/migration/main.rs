//! How the schema comes about, and how it is used beside a newer version that is being rolled out.

#![expect(clippy::unwrap_used, reason = "a database that cannot be made fails the test")]

#[path = "../home/mod.rs"]
#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

mod encodings;
mod making;
mod newer;
mod unfinished;
