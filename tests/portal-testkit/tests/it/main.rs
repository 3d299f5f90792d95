//! The contract of the stand-ins with the authors of tests.

#![expect(clippy::unwrap_used, reason = "what cannot be made fails its test")]

mod payout_samples;
mod postgres;
mod stripe;
