//! The one place that draws random numbers.

use std::fmt::Write as _;

use portal_domain::{Chance, Text, text};

use crate::exit::Failure;

/// The machine's chance.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "this is chance")]
    fn number(&self) -> u64 {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_or(0, |()| u64::from_ne_bytes(random))
    }
}

/// Returns `bytes` random bytes as hex digits, for throw-away secrets and ids of sample events.
#[expect(clippy::disallowed_methods, reason = "this is chance")]
pub(crate) fn hex(bytes: usize) -> Result<String, Failure> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::could_not(text!("draw a random number", "乱数を得られません"), Text::same(error))
    })?;
    Ok(random.iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        _ = write!(hex, "{byte:02x}");
        hex
    }))
}
