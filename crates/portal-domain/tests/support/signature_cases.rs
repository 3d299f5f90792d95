//! `samples/signature-cases.json`: headers, bodies and secrets, with the expected verdicts.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/signature-cases.json");

/// The verdict on a secret that the service refuses at its start.
pub(crate) const REFUSED_AT_START: &str = "refused at start-up (blank secret)";

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// One delivery, with the expected verdict.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) now: i64,
    pub(crate) secret: String,
    pub(crate) header: Option<String>,
    body_base64: String,
    /// `accept`, `reject: …` or [`REFUSED_AT_START`].
    pub(crate) portal: String,
}

impl Case {
    pub(crate) fn body(&self) -> Result<Vec<u8>> {
        Ok(STANDARD.decode(&self.body_base64)?)
    }
}

/// Returns every case.
pub(crate) fn all() -> Result<Vec<Case>> {
    let cases: Cases = serde_json::from_str(&fs::read_to_string(FILE)?)?;
    Ok(cases.cases)
}
