//! Stand-ins for what the service works with, and tools of its tests.
//!
//! The crate ships nowhere and knows nothing of the service, so that a stand-in and the code under
//! test can disagree. It finds, starts, harms and removes PostgreSQL servers, answers like Stripe's
//! API, and has the cases that signatures and bodies are judged by.

pub mod postgres;

pub mod stripe;

pub mod bad_bodies;
pub mod signature_cases;
