//! The Worker under test, in Cloudflare's own runtime.

mod group;
mod local;
mod receiver;

pub use self::group::Group;
pub use self::local::Local;
pub use self::receiver::{
    ANSWER_WITHIN, Bound, deliver, expect_outcome, receiver, start, start_bare, start_bare_with,
    with_receiver,
};
