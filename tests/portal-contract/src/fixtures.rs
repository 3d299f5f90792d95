//! Events and queries that the cases share.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use std::collections::BTreeMap;

use portal_domain::{
    Alert, AlertFilter, AlertRow, DeadReason, Donation, DonationFilter, DonationState, Entry,
    Event, IgnoredReason, OperatorAction, Reprocess, Selection, State, Store, Total, UnixSeconds,
    Written,
};

use crate::samples::{at, record_new, text};
use crate::stripe::{BEGIN, Told, old, payment};

/// The state of an event that an operator has ignored.
pub(crate) const BY_OPERATOR: State = State::Ignored(IgnoredReason::ByOperator);

/// The state of an event that lacks a fact.
pub(crate) const DEAD: State = State::Dead(DeadReason::FactsMissing);

pub(crate) fn all_states() -> impl Iterator<Item = State> {
    let awaiting = [false, true].map(|was_dead| State::AwaitingObject { was_dead });
    let states = [State::Processed].into_iter().chain(awaiting);
    let states = states.chain(DeadReason::ALL.iter().copied().map(State::Dead));
    states.chain(IgnoredReason::ALL.iter().copied().map(State::Ignored))
}

/// Returns the time `seconds` after the samples are received.
pub(crate) fn later(seconds: i64) -> UnixSeconds {
    at(BEGIN + seconds)
}

pub(crate) fn a_failed_payout() -> Alert {
    Alert::PayoutFailed {
        payout: text("po_1"),
        amount: 5000,
        currency: text("jpy"),
        failure: Some(text("account_closed")),
        arrives: later(0),
        livemode: true,
    }
}

/// Returns a gift: the event `evt_…` about the payment `pi_…`.
pub(crate) fn a_gift(name: &str) -> Event {
    told_of(name, old(0, "payment_intent.succeeded", payment(&format!("pi_{name}"), "succeeded")))
}

/// Returns a sample with the event id `evt_…`.
pub(crate) fn told_of(name: &str, told: Told) -> Event {
    told.known_as(&format!("evt_{name}")).event()
}

/// Returns a gift without a currency, which becomes dead.
pub(crate) fn a_gift_without_currency(name: &str) -> Event {
    let nowhere = payment(&format!("pi_{name}"), "succeeded").with("currency", "");
    told_of(name, old(0, "payment_intent.succeeded", nowhere))
}

/// Returns a gift that was recorded dead, but can be processed.
pub(crate) fn a_dead_gift(name: &str) -> Event {
    Event { state: DEAD, ..a_gift(name) }
}

/// Records a gift for each name, one second apart.
pub(crate) async fn given(store: &dyn Store, names: &[&str]) {
    for (second, name) in (0..).zip(names) {
        record_new(store, &[Event { received_at: later(second), ..a_gift(name) }]).await;
    }
}

/// Selects the event `evt_…`.
pub(crate) fn one(name: &str) -> Selection {
    Selection { ids: vec![text(&format!("evt_{name}"))], ..Selection::default() }
}

/// Returns the selected events, decided again.
pub(crate) async fn decided_again(store: &dyn Store, which: &Selection) -> Vec<Reprocess> {
    let events = store.events_for(OperatorAction::Reprocess, which, None, u32::MAX).await;
    let events = events.expect("events").into_iter();
    events.map(|it| Reprocess { from: it.state, entry: Entry::decide_again(it) }).collect()
}

/// Reprocesses the selected events and returns their number.
pub(crate) async fn reprocess(store: &dyn Store, which: &Selection, now: UnixSeconds) -> usize {
    let steps = decided_again(store, which).await;
    let written = store.reprocess(&steps, now).await;
    assert_eq!(written, Ok(vec![Written::Applied; steps.len()]));
    steps.len()
}

/// Returns the state of the event `evt_…`.
pub(crate) async fn state(store: &dyn Store, name: &str) -> State {
    event(store, name).await.state
}

/// Returns the event `evt_…`.
pub(crate) async fn event(store: &dyn Store, name: &str) -> Event {
    let id = text(&format!("evt_{name}"));
    store.event(&id).await.expect("an answer").expect("an event")
}

/// Returns all donations, in the order of the list.
pub(crate) async fn donations(store: &dyn Store) -> Vec<Donation> {
    store.donations(&DonationFilter::default(), None, u32::MAX).await.expect("donations")
}

/// Totals those of `donations` that are paid, sorted as a store sorts totals.
pub(crate) fn totals_of<'d>(donations: impl IntoIterator<Item = &'d Donation>) -> Vec<Total> {
    let mut totals: BTreeMap<_, Total> = BTreeMap::new();
    for it in donations.into_iter().filter(|it| it.state == DonationState::Paid) {
        let (currency, kind, livemode) = (it.currency.clone(), it.kind, it.livemode);
        let key = (currency.to_string(), kind.name(), livemode);
        let none =
            Total { currency, kind, livemode, count: 0, gross: 0, refunded: 0, lost: 0, net: 0 };
        let total = totals.entry(key).or_insert(none);
        total.count += 1;
        total.gross += it.amount;
        total.refunded += it.refunded;
        total.lost += it.lost;
        total.net += it.net;
    }
    totals.into_values().collect()
}

/// Returns the ids of all donations.
pub(crate) async fn given_ids(store: &dyn Store) -> Vec<String> {
    donations(store).await.iter().map(|it| it.id.to_string()).collect()
}

/// Returns all alerts, including ended ones.
pub(crate) async fn alerts(store: &dyn Store) -> Vec<AlertRow> {
    store.alerts(AlertFilter::All, u32::MAX).await.expect("alerts")
}

/// Returns the keys of open alerts, most recently changed first.
pub(crate) async fn open(store: &dyn Store) -> Vec<String> {
    alerts(store).await.into_iter().filter(|it| it.open).map(|it| it.key).collect()
}

pub(crate) fn name(event: &Event) -> String {
    event.id.as_str().trim_start_matches("evt_").into()
}
