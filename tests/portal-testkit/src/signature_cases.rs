//! `samples/signature-cases.json`: headers, bodies and secrets, with the expected verdicts.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/signature-cases.json");

/// The verdict on a secret that the service refuses at its start.
pub const REFUSED_AT_START: &str = "refused at start-up (blank secret)";

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// One delivery, with the expected verdict.
#[derive(Deserialize)]
pub struct Case {
    pub name: String,
    pub now: i64,
    pub secret: String,
    pub header: Option<String>,
    body_base64: String,
    /// `accept`, `reject: …` or [`REFUSED_AT_START`].
    pub portal: String,
}

impl Case {
    pub fn body(&self) -> Result<Vec<u8>> {
        Ok(STANDARD.decode(&self.body_base64)?)
    }
}

/// Returns every case.
pub fn all() -> Result<Vec<Case>> {
    let cases: Cases = serde_json::from_str(&fs::read_to_string(FILE)?)?;
    Ok(cases.cases)
}
