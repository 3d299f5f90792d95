//! An event and its changes are recorded in one step.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use std::sync::Arc;

use futures::future::join_all;
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::alert::EVENT_DEAD;
use portal_domain::{
    Alert, DeadReason, DisputeState, Donation, DonationFilter, Entry, Event, Selection, State,
    Store,
};

use crate::fixtures::{
    BY_OPERATOR, a_gift, a_gift_without_currency, alerts, all_states, donations, given_ids, later,
    one, open, reprocess, state, told_of,
};
use crate::samples::{batch, record_new, record_new_at, text};
use crate::stripe::{Told, dispute, old, old_invoice, payment, refund};

/// Returns the event `evt_…` that the payment `pi` of `amount` succeeded at `second`.
fn paid(name: &str, second: i64, pi: &str, amount: i64) -> Event {
    let paid = payment(pi, "succeeded").with("amount_received", amount);
    told_of(name, old(second, "payment_intent.succeeded", paid))
}

/// The donation is found by its id and by that of its payment, in the list and in the totals.
pub(crate) async fn what_was_recorded_is_in_the_ledger_at_once(store: &dyn Store) {
    let renewal = old(1, "invoice.paid", old_invoice("in_1", "paid", "pi_1"));
    record_new(store, &[told_of("1", renewal), a_gift("a")]).await;
    assert_eq!(state(store, "a").await, State::Processed);
    for (id, due) in [("in_1", "in_1"), ("pi_1", "in_1"), ("pi_a", "pi_a")] {
        let found = store.donation(&text(id)).await.expect("an answer");
        assert_eq!(found.as_ref().map(|it| it.id.as_str()), Some(due), "{id}");
    }
    assert_eq!(given_ids(store).await, ["in_1", "pi_a"]);
    let totals = store.totals(&DonationFilter::default()).await.expect("totals");
    let totals: Vec<_> = totals.iter().map(|it| (it.kind.name(), it.count, it.net)).collect();
    assert_eq!(totals, [("one_time", 1, 1000), ("recurring", 1, 1000)]);
}

/// Events in other states have no effect, even if they have facts.
pub(crate) async fn only_what_is_processed_is_in_the_ledger(store: &dyn Store) {
    for (n, state) in all_states().filter(|it| *it != State::Processed).enumerate() {
        record_new(store, &[Event { state, ..a_gift(&n.to_string()) }]).await;
    }
    assert_eq!(donations(store).await, []);
}

/// State, reason and alert are written in one step; the other events of the batch are processed.
pub(crate) async fn an_event_that_lacks_a_fact_is_dead_and_its_alert_is_open(store: &dyn Store) {
    let events = [a_gift("a"), a_gift_without_currency("b"), a_gift("c")];
    record_new_at(store, &events, later(7)).await;
    let reason = DeadReason::FactsMissing;
    assert_eq!(state(store, "b").await, State::Dead(reason));
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
    let event_type = text("payment_intent.succeeded");
    let missing = Some(text("currency"));
    let due = Alert::EventDead { event: text("evt_b"), event_type, reason, missing };
    let rows = alerts(store).await;
    let seen: Vec<_> = rows.iter().map(|it| (&it.alert, it.open, it.count, it.since)).collect();
    assert_eq!(seen, [(&due, true, 1, later(7))]);
}

/// The event is stored like any other and can be reprocessed.
pub(crate) async fn an_event_that_could_not_be_decided_is_recorded_dead(store: &dyn Store) {
    let failed = Entry::decide_by(a_gift("b"), |_| Err(DeadReason::LedgerFailed));
    let mut entries = batch(["a", "c"].map(a_gift));
    entries.insert(1, Arc::new(failed));
    let dead = State::Dead(DeadReason::LedgerFailed);
    let due = [State::Processed, dead, State::Processed].map(New).to_vec();
    assert_eq!(store.record(&entries, later(0)).await, Ok(due));
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
    assert_eq!(open(store).await, [EVENT_DEAD]);
    assert_eq!(reprocess(store, &one("b"), later(1)).await, 1);
    assert_eq!(given_ids(store).await, ["pi_c", "pi_b", "pi_a"]);
}

/// The id alone identifies an event, even if the repeat has other values.
pub(crate) async fn a_repeat_changes_nothing_in_the_ledger(store: &dyn Store) {
    record_new(store, &[a_gift("a")]).await;
    let before = donations(store).await;
    for other in [
        paid("a", 9, "pi_a", 5),
        paid("a", 9, "pi_x", 1000),
        told_of("a", old(9, "charge.dispute.created", dispute("pi_a", "needs_response"))),
        a_gift_without_currency("a"),
    ] {
        assert_eq!(store.record(&batch([other]), later(1)).await, Ok(vec![Duplicate]));
        assert_eq!((donations(store).await, alerts(store).await), (before.clone(), vec![]));
    }
}

/// The operator's decision stays.
pub(crate) async fn a_repeat_of_an_ignored_event_has_no_effect(store: &dyn Store) {
    record_new(store, &[a_gift_without_currency("a")]).await;
    assert_eq!(store.ignore(&one("a"), later(1)).await, Ok(1));
    for again in [a_gift("a"), a_gift_without_currency("a")] {
        assert_eq!(store.record(&batch([again]), later(2)).await, Ok(vec![Duplicate]));
        assert_eq!(state(store, "a").await, BY_OPERATOR);
        assert_eq!((given_ids(store).await.len(), open(store).await.len()), (0, 0));
    }
}

/// The count of the alert does not change either.
pub(crate) async fn a_repeat_of_a_dead_event_raises_nothing_again(store: &dyn Store) {
    record_new(store, &[a_gift_without_currency("a")]).await;
    let before = alerts(store).await;
    let again = batch([a_gift_without_currency("a")]);
    assert_eq!(store.record(&again, later(9)).await, Ok(vec![Duplicate]));
    assert_eq!((before.len(), alerts(store).await), (1, before));
}

/// The first occurrence counts, in the ledger and for the alert.
pub(crate) async fn a_batch_that_holds_an_event_twice_applies_it_once(store: &dyn Store) {
    let dead = || a_gift_without_currency("b");
    let twice = batch([a_gift("a"), dead(), paid("a", 9, "pi_a", 5), paid("b", 9, "pi_b", 5)]);
    let recorded = store.record(&twice, later(0)).await;
    let new = [State::Processed, State::Dead(DeadReason::FactsMissing)].map(New);
    assert_eq!(recorded, Ok([new.to_vec(), vec![Duplicate; 2]].concat()));
    let seen: Vec<_> = donations(store).await.iter().map(|it| it.amount).collect();
    assert_eq!(seen, [1000]);
    assert_eq!(alerts(store).await.iter().map(|it| it.count).collect::<Vec<_>>(), [1]);
}

/// The ledger has the greatest version, whatever the order in the batch.
pub(crate) async fn events_of_one_batch_may_report_of_one_donation(store: &dyn Store) {
    let story = |pi: &str| {
        let back = refund(&format!("re_{pi}"), pi, "succeeded", 300);
        let contested = |status| dispute(pi, status).with("id", format!("du_{pi}"));
        let told: [Told; 5] = [
            old(1, "payment_intent.requires_action", payment(pi, "requires_action")),
            old(2, "payment_intent.succeeded", payment(pi, "succeeded")),
            old(3, "refund.created", back),
            old(4, "charge.dispute.created", contested("needs_response")),
            old(5, "charge.dispute.closed", contested("won")),
        ];
        let told = told.into_iter().enumerate();
        told.map(|(n, it)| told_of(&format!("{pi}_{n}"), it)).collect::<Vec<_>>()
    };
    record_new(store, &story("pi_1")).await;
    record_new(store, &story("pi_2").into_iter().rev().collect::<Vec<_>>()).await;
    let found = donations(store).await;
    let [second, first] = found.as_slice() else { unreachable!("two donations: {found:?}") };
    assert_eq!((first.refunded, first.net, first.dispute), (300, 700, Some(DisputeState::Won)));
    assert_eq!(*second, Donation { id: text("pi_2"), ..first.clone() });
    assert_eq!(open(store).await, [""; 0]);
}

/// The ledger has the values of the event that was recorded.
pub(crate) async fn concurrent_records_of_one_event_have_one_effect(store: &dyn Store) {
    let deliveries = (1..=20).map(|amount| async move {
        let recorded = store.record(&batch([paid("a", amount, "pi_a", amount)]), later(0)).await;
        (amount, recorded.expect("recorded"))
    });
    let mut won = join_all(deliveries).await;
    won.retain(|(_, recorded)| *recorded != [Duplicate]);
    assert_eq!(won.iter().map(|it| &*it.1).collect::<Vec<_>>(), [[New(State::Processed)]]);
    let amounts: Vec<_> = donations(store).await.iter().map(|it| it.amount).collect();
    assert_eq!(amounts, won.into_iter().map(|it| it.0).collect::<Vec<_>>());
}

/// Concurrent events about one donation do not deadlock, and none is lost.
pub(crate) async fn concurrent_records_about_one_donation_all_count(store: &dyn Store) {
    const BATCHES: i64 = 20;
    let batches = (0..BATCHES).map(|n| async move {
        let back = refund(&format!("re_{n}"), "pi_1", "succeeded", 10);
        let back = told_of(&format!("back_{n}"), old(30, "refund.created", back));
        let mut events = vec![paid(&format!("paid_{n}"), n, "pi_1", 500 + n), back];
        if n % 2 == 0 {
            events.reverse();
        }
        record_new(store, &events).await;
    });
    join_all(batches).await;
    let seen: Vec<_> = donations(store).await.iter().map(|it| (it.amount, it.refunded)).collect();
    assert_eq!(seen, [(500 + BATCHES - 1, BATCHES * 10)]);
    assert_eq!(reprocess(store, &Selection::default(), later(9)).await, 40);
}
