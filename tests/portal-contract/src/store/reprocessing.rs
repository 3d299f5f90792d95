//! Reprocessing events.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::alert::EVENT_DEAD;
use portal_domain::reprocess::reprocess_page;
use portal_domain::{
    DeadReason, Entry, Event, EventId, Reprocess, Selection, State, Store, StoreError, Written,
};

use crate::fixtures::{
    BY_OPERATOR, DEAD, a_dead_gift, a_gift, a_gift_without_currency, alerts, all_states,
    decided_again, donations, event, given, given_ids, later, one, open, reprocess, state, told_of,
};
use crate::lossy::{Call, Lossy};
use crate::samples::{record_new, record_new_at, text};
use crate::stripe::{dispute, old, refund};

/// Nothing is written if the state, or only its reason, has changed since the decision.
pub(crate) async fn what_was_decided_upon_a_state_that_was_left_changes_nothing(store: &dyn Store) {
    for (n, now_in) in all_states().enumerate() {
        let name = n.to_string();
        record_new(store, &[Event { state: now_in, ..a_gift(&name) }]).await;
        let look =
            async || (event(store, &name).await, donations(store).await, alerts(store).await);
        let before = look().await;
        let contested = old(9, "charge.dispute.created", dispute("pi_x", "needs_response"));
        let decided =
            [told_of(&name, contested), a_gift_without_currency(&name)].map(Entry::decide);
        let left = all_states().filter(|it| *it != now_in);
        let step = |from| decided.clone().map(|entry| Reprocess { entry, from });
        let steps: Vec<_> = left.flat_map(step).collect();
        let written = store.reprocess(&steps, later(9)).await;
        assert_eq!(written, Ok(vec![Written::Stale; steps.len()]), "{now_in:?}");
        assert_eq!(look().await, before, "{now_in:?}");
    }
}

/// Events may have been pruned since the decision.
pub(crate) async fn reprocessing_what_is_not_there_changes_nothing(store: &dyn Store) {
    for event in [a_gift("a"), a_gift_without_currency("a")] {
        let step = Reprocess { from: BY_OPERATOR, entry: Entry::decide(event) };
        assert_eq!(store.reprocess(&[step], later(1)).await, Ok(vec![Written::Stale]));
    }
    assert_eq!((donations(store).await, alerts(store).await), (vec![], vec![]));
    assert_eq!(store.reprocess(&[], later(1)).await, Ok(vec![]));
}

/// The results have the order of the events.
pub(crate) async fn reprocessings_are_answered_one_by_one(store: &dyn Store) {
    record_new(store, &["a", "b", "c"].map(a_dead_gift)).await;
    let steps = decided_again(store, &Selection::default()).await;
    assert_eq!(store.ignore(&one("b"), later(1)).await, Ok(1));
    let written = store.reprocess(&steps, later(2)).await;
    assert_eq!(written, Ok(vec![Written::Applied, Written::Stale, Written::Applied]));
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
}

/// The ledger has the changes already, and no alert is raised.
pub(crate) async fn reprocessing_what_is_processed_changes_nothing(store: &dyn Store) {
    let contested = old(5, "charge.dispute.created", dispute("pi_a", "needs_response"));
    let failed = old(5, "refund.failed", refund("re_1", "pi_b", "failed", 400));
    given(store, &["a", "b"]).await;
    record_new(store, &[told_of("c", contested), told_of("d", failed)]).await;
    let before = (donations(store).await, alerts(store).await);
    assert_eq!((before.0.len(), before.1.len()), (2, 2));
    assert_eq!(reprocess(store, &Selection::default(), later(6)).await, 4);
    assert_eq!((donations(store).await, alerts(store).await), before);
    assert_eq!(state(store, "a").await, State::Processed);
}

/// The donation is written and the alert ended in one step.
pub(crate) async fn a_dead_event_whose_facts_are_complete_now_is_processed(store: &dyn Store) {
    record_new(store, &[a_dead_gift("a")]).await;
    assert_eq!((given_ids(store).await.len(), open(store).await.len()), (0, 1));
    assert_eq!(reprocess(store, &one("a"), later(9)).await, 1);
    assert_eq!(event(store, "a").await, a_gift("a"));
    assert_eq!(given_ids(store).await, ["pi_a"]);
    let rows = alerts(store).await;
    let seen: Vec<_> = rows.iter().map(|it| (&*it.key, it.open, it.changed_at)).collect();
    assert_eq!(seen, [(EVENT_DEAD, false, later(9))]);
}

/// The alert is open already, even if the reason changes.
pub(crate) async fn an_event_that_stays_dead_raises_nothing_again(store: &dyn Store) {
    let reason = State::Dead(DeadReason::LedgerFailed);
    record_new(store, &[Event { state: reason, ..a_gift_without_currency("a") }]).await;
    let before = alerts(store).await;
    assert_eq!(reprocess(store, &one("a"), later(9)).await, 1);
    assert_eq!(state(store, "a").await, DEAD);
    assert_eq!((before.len(), alerts(store).await), (1, before));
}

/// The event was not dead before.
pub(crate) async fn an_event_that_dies_when_it_is_reprocessed_raises_its_alert(store: &dyn Store) {
    record_new(store, &[Event { state: BY_OPERATOR, ..a_gift_without_currency("a") }]).await;
    assert_eq!(alerts(store).await, []);
    assert_eq!(reprocess(store, &one("a"), later(9)).await, 1);
    assert_eq!(state(store, "a").await, DEAD);
    let rows = alerts(store).await;
    let seen: Vec<_> = rows.iter().map(|it| (&*it.key, it.open, it.count, it.since)).collect();
    assert_eq!(seen, [(EVENT_DEAD, true, 1, later(9))]);
}

/// The alert stays open while an event is dead, and ends with the last one, whatever its new state.
pub(crate) async fn with_the_last_dead_event_the_trouble_ends(store: &dyn Store) {
    record_new_at(store, &["a", "b", "c"].map(a_dead_gift), later(5)).await;
    assert_eq!(reprocess(store, &one("a"), later(6)).await, 1);
    assert_eq!(store.ignore(&one("b"), later(7)).await, Ok(1));
    assert_eq!(open(store).await, [EVENT_DEAD]);
    assert_eq!(reprocess(store, &one("c"), later(8)).await, 1);
    record_new(store, &[a_dead_gift("d")]).await;
    assert_eq!(open(store).await, [EVENT_DEAD]);
    assert_eq!(store.ignore(&one("d"), later(9)).await, Ok(1));
    let rows = alerts(store).await;
    assert_eq!(
        rows.iter().map(|it| (it.open, it.changed_at)).collect::<Vec<_>>(),
        [(false, later(9))]
    );
}

/// An operator can reprocess it.
pub(crate) async fn an_ignored_event_has_no_effect_until_it_is_reprocessed(store: &dyn Store) {
    record_new(store, &[a_dead_gift("a")]).await;
    assert_eq!(store.ignore(&one("a"), later(1)).await, Ok(1));
    assert_eq!((state(store, "a").await, given_ids(store).await.len()), (BY_OPERATOR, 0));
    assert_eq!(reprocess(store, &one("a"), later(2)).await, 1);
    assert_eq!((state(store, "a").await, given_ids(store).await.len()), (State::Processed, 1));
}

/// The last page is empty; each outcome has the new state of its event.
pub(crate) async fn all_pages_together_reprocess_every_event_once(store: &dyn Store) {
    const EVENTS: usize = 450;
    let dead: Vec<_> = (0..EVENTS).map(|n| a_dead_gift(&n.to_string())).collect();
    record_new(store, &dead).await;
    let (mut last, mut seen): (Option<EventId>, Vec<Event>) = (None, vec![]);
    for _ in 0..EVENTS {
        let page = reprocess_page(store, &Selection::default(), last.as_ref(), later(9)).await;
        let page = page.expect("a page");
        let outcomes = page.outcomes.into_iter().collect::<Result<Vec<_>, _>>();
        seen.extend(outcomes.expect("written"));
        last = page.last;
        if last.is_none() {
            break;
        }
    }
    let due: Vec<_> = (0..EVENTS).map(|n| a_gift(&n.to_string())).collect();
    assert_eq!(seen, due);
    assert_eq!((donations(store).await.len(), open(store).await.len()), (EVENTS, 0));
}

/// The event is reprocessed; a second attempt changes nothing.
pub(crate) async fn a_page_whose_answer_is_lost_is_reprocessed_once(store: &dyn Store) {
    record_new(store, &["a", "b"].map(a_dead_gift)).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::Works);
    lossy.plan(Call::SavesThenFails(StoreError::Failed("a sample".into())));
    let page = reprocess_page(&lossy, &Selection::default(), None, later(9)).await;
    let page = page.expect("a page");
    assert_eq!((page.outcomes, page.last), (vec![], Some(text("evt_b"))));
    assert_eq!(given_ids(store).await, ["pi_b", "pi_a"]);
    assert_eq!((state(store, "a").await, open(store).await.len()), (State::Processed, 0));
}
