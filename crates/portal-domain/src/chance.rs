//! Chance, which a host lends.

/// The host's source of random numbers.
pub trait Chance: Send + Sync {
    /// Any number. It only spreads delays, so 0 will do where the host has no chance to give.
    fn number(&self) -> u64;
}
