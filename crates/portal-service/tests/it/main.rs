//! Tests of the work that both hosts do beside requests.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod figures;
mod monitor;
