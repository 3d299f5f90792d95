//! The rank of a view of a row among the other views of it.

use crate::event::Event;
use crate::ids::EventId;
use crate::time::UnixSeconds;

/// A total order of the views that events have of one row; the greatest one counts.
///
/// Stripe guarantees no order of delivery, and its clock has whole seconds
/// (<https://docs.stripe.com/webhooks#event-ordering>), so time alone does not decide. Finality is
/// compared first, then the time, then the step, then the event's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Finality, time and step in one number below 2^53, which JavaScript's numbers can hold.
    pub order: i64,
    /// The event, which decides between equal orders.
    pub event: EventId,
}

/// The exclusive upper limit of times; all printable dates are below it.
const TIMES: i64 = 1 << 38;

impl Version {
    /// Returns the version of a view by `event` at `at`: `finality` up to 15, `step` up to 3.
    pub(super) fn new(finality: u8, at: UnixSeconds, step: u8, event: &Event) -> Self {
        let order = (i64::from(finality & 15) << 40) + (at.get() << 2) + i64::from(step & 3);
        Self { order, event: event.id.clone() }
    }

    /// Returns the version of a final view that never changes, of which the first one counts.
    pub(super) fn of_the_first(finality: u8, event: &Event) -> Self {
        let earlier_is_greater = TIMES - 1 - event.seen_at().get();
        let order = (i64::from(finality & 15) << 40) + (earlier_is_greater << 2);
        Self { order, event: event.id.clone() }
    }
}
