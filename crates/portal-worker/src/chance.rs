//! The one place that draws random numbers.

/// Any number, for jitter; 0 where chance is not to be had, which only makes delays alike.
#[expect(clippy::disallowed_methods, reason = "this is chance")]
pub(crate) fn number() -> u64 {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_or(0, |()| u64::from_ne_bytes(random))
}
