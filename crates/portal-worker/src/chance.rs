//! The one place that draws random numbers.

use portal_domain::Chance;

/// The runtime's chance.
pub(crate) struct EdgeChance;

impl Chance for EdgeChance {
    #[expect(clippy::disallowed_methods, reason = "this is chance")]
    fn number(&self) -> u64 {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_or(0, |()| u64::from_ne_bytes(random))
    }
}
