//! What may go wrong at Stripe.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::look::Resource;

/// What happens to a request instead of its answer, or before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// 429 with that `Stripe-Rate-Limited-Reason`, such as `endpoint-rate`
    /// (<https://docs.stripe.com/rate-limits>).
    RateLimited(&'static str),
    /// 429 without that header, with the code `lock_timeout`.
    LockTimeout,
    /// 409, as for a request that meets another one.
    Conflict,
    /// 500, where given with `Stripe-Should-Retry`.
    Failing {
        /// What that header says.
        should_retry: Option<bool>,
    },
    /// 403: the key lacks the permission for that place.
    NotAllowed,
    /// No answer for as long as the fault lasts; of [`super::Server::next`]: as the server does.
    Hang,
    /// The answer comes that much later.
    Slow(Duration),
    /// The connection is closed without an answer.
    Drop,
}

/// Which faults are in force.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) next: VecDeque<Fault>,
    pub(super) always: BTreeMap<Resource, Fault>,
}

impl Faults {
    /// What happens to a request that comes now, and whether it is that of every request there.
    pub(super) fn strike(&mut self, look: Option<Resource>) -> (Fault, bool) {
        self.next.pop_front().map_or_else(|| (self.lasting(look), true), |fault| (fault, false))
    }

    pub(super) fn lasting(&self, look: Option<Resource>) -> Fault {
        look.and_then(|it| self.always.get(&it)).copied().unwrap_or(Fault::None)
    }
}
