//! What the cases on settling share.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::settle::{LEASE, Outcome, settle_due, settlement};
use portal_domain::{Claimed, Donation, DonationFilter, Event, Settled, State, Store, UnixSeconds};

use crate::samples::{at, record_new};
use crate::stripe::{BEGIN, Told, old, payment};

/// When the samples of these cases are received, and so due.
pub(crate) const RECEIVED: i64 = BEGIN;

/// So many seconds after that.
pub(crate) fn later(seconds: i64) -> UnixSeconds {
    at(RECEIVED + seconds)
}

/// A gift: the event `evt_…` tells of the payment `pi_…`.
pub(crate) fn a_gift(name: &str) -> Event {
    told_of(name, old(0, "payment_intent.succeeded", payment(&format!("pi_{name}"), "succeeded")))
}

/// A sample as the event `evt_…`.
pub(crate) fn told_of(name: &str, told: Told) -> Event {
    told.known_as(&format!("evt_{name}")).event()
}

/// A gift that cannot be settled: it has no currency.
pub(crate) fn a_gift_without_currency(name: &str) -> Event {
    let nowhere = payment(&format!("pi_{name}"), "succeeded").with("currency", "");
    told_of(name, old(0, "payment_intent.succeeded", nowhere))
}

/// Records a gift of each name, each a second after the one before.
pub(crate) async fn given(store: &dyn Store, names: &[&str]) {
    for (second, name) in (0..).zip(names) {
        record_new(store, &[Event { received_at: later(second), ..a_gift(name) }]).await;
    }
}

/// Claims what is due, for as long as the service does.
pub(crate) async fn claim(store: &dyn Store, limit: u32, now: UnixSeconds) -> Vec<Claimed> {
    store.claim(limit, LEASE, now).await.expect("claimed")
}

/// The names of what is claimed, in the order of the alphabet: which are taken is promised, and not
/// in what order they are handed out.
pub(crate) async fn claimed(store: &dyn Store, limit: u32, now: UnixSeconds) -> Vec<String> {
    let claimed = claim(store, limit, now).await;
    let mut names: Vec<_> = claimed.iter().map(|it| name(&it.event)).collect();
    names.sort();
    names
}

/// Settles `claimed` as the ledger says.
pub(crate) async fn settle(
    store: &dyn Store,
    claimed: &[Claimed],
    now: UnixSeconds,
) -> Vec<Settled> {
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    store.settle(&settlements, now).await.expect("settled")
}

/// Settles everything that is due.
pub(crate) async fn settle_all(store: &dyn Store, now: UnixSeconds) -> Vec<Outcome> {
    settle_due(store, u32::MAX, now, 0).await.expect("settled")
}

/// How far the event `evt_…` has come.
pub(crate) async fn state(store: &dyn Store, name: &str) -> State {
    event(store, name).await.state
}

/// The event `evt_…`.
pub(crate) async fn event(store: &dyn Store, name: &str) -> Event {
    let id = crate::samples::text(&format!("evt_{name}"));
    store.event(&id).await.expect("an answer").expect("an event")
}

/// All donations, in the order of the list.
pub(crate) async fn donations(store: &dyn Store) -> Vec<Donation> {
    store.donations(&DonationFilter::default(), None, u32::MAX).await.expect("donations")
}

/// The ids of all donations.
pub(crate) async fn given_ids(store: &dyn Store) -> Vec<String> {
    donations(store).await.iter().map(|it| it.id.to_string()).collect()
}

/// How many alerts there are, with those that have ended.
pub(crate) async fn alerts(store: &dyn Store) -> usize {
    store.alerts(u32::MAX).await.expect("alerts").len()
}

pub(crate) fn name(event: &Event) -> String {
    event.id.as_str().trim_start_matches("evt_").into()
}
