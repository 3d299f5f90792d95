//! Migrations, and the use of a schema that a newer version has migrated during a rollout.

#![expect(clippy::unwrap_used, reason = "a database that cannot be made fails the test")]

#[path = "../home/mod.rs"]
#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

mod encodings;
mod making;
mod newer;
mod unfinished;
