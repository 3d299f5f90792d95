//! The rules, over everything that Stripe may send.

mod bad_bodies;
mod event_types;
mod facts;
mod sample_events;
mod signature_cases;
mod signature_properties;
