//! Faults of Stripe's API.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::stripe::resource::Resource;

/// A fault that replaces or delays the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// 429 with that `Stripe-Rate-Limited-Reason`, such as `endpoint-rate`
    /// (<https://docs.stripe.com/rate-limits>).
    RateLimited(&'static str),
    /// 429 without that header, with the code `lock_timeout`.
    LockTimeout,
    /// 409, as for a request that conflicts with another one.
    Conflict,
    /// 500, with `Stripe-Should-Retry` if it is set.
    Failing {
        should_retry: Option<bool>,
    },
    /// 403: the key lacks the permission for the resource.
    NotAllowed,
    /// No answer for as long as the fault lasts; for [`super::Server::next`], as long as the server
    /// lasts.
    Hang,
    /// The answer is delayed by this time.
    Slow(Duration),
    /// The connection is closed without an answer.
    Drop,
}

/// The faults in force.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) next: VecDeque<Fault>,
    pub(super) always: BTreeMap<Resource, Fault>,
}

impl Faults {
    /// Returns the fault of a request that comes now; and true if it is the fault of every request
    /// for that resource.
    pub(super) fn strike(&mut self, resource: Option<Resource>) -> (Fault, bool) {
        self.next.pop_front().map_or_else(|| (self.lasting(resource), true), |fault| (fault, false))
    }

    pub(super) fn lasting(&self, resource: Option<Resource>) -> Fault {
        resource.and_then(|it| self.always.get(&it)).copied().unwrap_or(Fault::None)
    }
}
