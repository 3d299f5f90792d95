//! The requests to Stripe's API, and the meaning of its answers.

mod keys;
mod requests;
mod retries;
mod speed;
mod wire;

mod decoding;

mod scripted;
mod stand_in;

use futures::executor::block_on;
use portal_domain::{
    EventId, Fetched, ObjectId, Read, ReadError, Stripe as _, UnixSeconds, Window,
};
use portal_outbound::{ApiKey, StripeApi};

/// A key that belongs to nobody: 24 letters and digits after the prefix, like the shortest real
/// ones.
const KEY: &str = "rk_test_N0SuchKeyN0SuchKeyN0Such";

/// The body of an empty list.
const EMPTY: &str = r#"{"object":"list","data":[],"has_more":false}"#;

fn key() -> ApiKey {
    ApiKey::parse(KEY).unwrap()
}

fn read(api: &StripeApi, read: &Read) -> Result<Fetched, ReadError> {
    block_on(api.read(read))
}

fn event(id: &str) -> EventId {
    EventId::new(id).unwrap()
}

fn object(id: &str) -> ObjectId {
    ObjectId::new(id).unwrap()
}

fn window() -> Window {
    let at = |seconds| UnixSeconds::new(seconds).unwrap();
    Window { since: at(1_795_355_400), until: at(1_795_359_000) }
}
