//! The pages about money.

mod donations;
mod one;
mod overview;
mod payouts;
mod statement;
mod sums;

use portal_contract::stripe::{Object, Told, old, payment};
use portal_domain::Event;

/// Returns the events of gifts, a minute apart: `pi_0`, `pi_1` …, each of 1,000 JPY in live mode.
fn gifts(number: i64) -> Vec<Event> {
    (0..number).map(|it| gift(it, payment(&format!("pi_{it}"), "succeeded")).event()).collect()
}

/// Returns the event of a gift, so many minutes after the first.
fn gift(minute: i64, payment: Object) -> Told {
    let told = old(60 * minute, "payment_intent.succeeded", payment);
    told.known_as(&format!("evt_{minute}"))
}
