//! A stand-in for Stripe's API, for tests.
//!
//! A test tells an [`Account`] a story; the account makes the objects and the events that Stripe
//! would make, and knows the expected donations. A [`Server`] serves it over HTTP like Stripe, with
//! faults on request. The crate is written from Stripe's documents and knows nothing of the service
//! under test, so that the two can disagree. It ships nowhere.

mod account;
mod money;

mod balance;
mod rates;

mod delivery;
mod endpoint;
mod event;
mod truth;

mod canary;
mod object;
mod payout_story;
mod render;
mod resource;
mod shelf;
mod time;

mod server;

pub use account::{Account, Receipt, Release, Renewal, Verdict};
pub use balance::Balance;
pub use canary::CANARIES;
pub use delivery::{Delivery, Payload};
pub use endpoint::Endpoint;
pub use event::Event;
pub use money::{Period, Place, Schedule, Statement, Whereabouts};
pub use payout_story::{Draws, PAYOUT_STORY_DAYS, payout_story};
pub use resource::Resource;
pub use server::{Fault, Request, Server};
pub use truth::{Donation, Kind, State};

/// The last API version whose payments and charges name their invoice.
pub const ACACIA: &str = "2025-02-24.acacia";

/// An API version in which neither names the other, and in which payments hint at their invoice.
pub const CLOVER: &str = "2025-11-17.clover";
