//! Migrations, and the use of a schema that a newer version has migrated during a rollout.

mod encodings;
mod making;
mod newer;
mod unfinished;
