//! The trail of actions.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use futures::future::join_all;
use portal_domain::trail::{ACTION_IDS_MAX, ACTIONS_KEPT};
use portal_domain::{
    ActionFilter, ActionOutcome, ActionResult, ActionRow, ActionScope, ActionVerb, ActionVia,
    Actions as _, NewAction, Origin, Selection, Store, StoreError, UnixSeconds, Written,
};

use crate::fixtures::later;
use crate::lossy::{Call, Lossy};
use crate::samples::text;

fn an_action(who: &str, verb: ActionVerb) -> NewAction {
    NewAction { who: text(who), via: ActionVia::Console, verb, scope: ActionScope::default() }
}

fn done(second: i64, count: u64) -> ActionOutcome {
    ActionOutcome { at: later(second), count, result: ActionResult::Done }
}

async fn begin(store: &dyn Store, action: &NewAction, now: UnixSeconds) -> u64 {
    store.begin_action(action, now).await.expect("an entry")
}

async fn listed(store: &dyn Store, filter: &ActionFilter) -> Vec<ActionRow> {
    store.actions(filter, u32::MAX).await.expect("entries")
}

async fn numbers(store: &dyn Store, filter: &ActionFilter) -> Vec<u64> {
    listed(store, filter).await.into_iter().map(|it| it.seq).collect()
}

/// An action that is cut off leaves its entry without an outcome.
pub(crate) async fn an_entry_is_there_before_the_action_and_has_its_outcome_afterwards(
    store: &dyn Store,
) {
    let action = an_action("treasurer", ActionVerb::Ignore);
    let seq = begin(store, &action, later(0)).await;
    let begun = ActionRow { seq, at: later(0), action, outcome: None };
    assert_eq!(listed(store, &ActionFilter::default()).await, std::slice::from_ref(&begun));
    assert_eq!(store.finish_action(seq, &done(7, 12)).await, Ok(Written::Applied));
    let finished = ActionRow { outcome: Some(done(7, 12)), ..begun };
    assert_eq!(listed(store, &ActionFilter::default()).await, [finished]);
}

/// Nothing that is written is changed, and there is no outcome without an entry.
pub(crate) async fn an_outcome_is_written_once(store: &dyn Store) {
    let seq = begin(store, &an_action("ops", ActionVerb::Doctor), later(0)).await;
    assert_eq!(store.finish_action(seq, &done(1, 1)).await, Ok(Written::Applied));
    let other = ActionOutcome { result: ActionResult::Failed, ..done(2, 2) };
    assert_eq!(store.finish_action(seq, &other).await, Ok(Written::Stale));
    for absent in [seq + 1, 0, u64::MAX] {
        assert_eq!(store.finish_action(absent, &other).await, Ok(Written::Stale));
    }
    let outcomes: Vec<_> =
        listed(store, &ActionFilter::default()).await.into_iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Some(done(1, 1))]);
}

/// Each word of each list, and the longest scope.
pub(crate) async fn every_word_of_an_entry_reads_back_equal(store: &dyn Store) {
    use ActionVia::{Api, Cli, Console};
    let results = [
        ActionResult::Done,
        ActionResult::FoundWrong,
        ActionResult::CountDiffers,
        ActionResult::Cancelled,
        ActionResult::Failed,
    ];
    let ids = (0..2 * ACTION_IDS_MAX).map(|it| text(&format!("evt_{it}"))).collect();
    let (state, time) = (Some("dead"), Some(later(3)));
    let many = Selection {
        ids,
        object: Some(text("pi_1")),
        event_type: Some(text("charge.failed")),
        state,
        reason: Some("facts_missing"),
        origin: Some(Origin::Reconciled),
        livemode: Some(true),
        acknowledged: Some(false),
        since: time,
        until: Some(later(9)),
        from: Some(text("evt_1")),
        expected: None,
    };
    let many = many.scope();
    assert_eq!(many.ids.len(), ACTION_IDS_MAX);
    let of_alert = ActionScope { alert: Some(text("dispute:du_1:open")), ..ActionScope::default() };
    let scopes = [ActionScope::default(), many, of_alert];
    let words = scopes.iter().zip([Console, Api, Cli]).cycle().zip(results.into_iter().cycle());
    let mut due = vec![];
    for (verb, ((scope, via), result)) in ActionVerb::NAMES.iter().zip(words) {
        let verb = ActionVerb::from_name(verb).expect("a verb");
        let action = NewAction { via, scope: scope.clone(), ..an_action("access-1a2b3c4d", verb) };
        let seq = begin(store, &action, later(5)).await;
        let outcome = ActionOutcome { result, ..done(6, u64::from(u32::MAX)) };
        assert_eq!(store.finish_action(seq, &outcome).await, Ok(Written::Applied));
        due.insert(0, ActionRow { seq, at: later(5), action, outcome: Some(outcome) });
    }
    assert_eq!(listed(store, &ActionFilter::default()).await, due);
}

/// Entries that begin between two pages come before the first one.
pub(crate) async fn entries_come_last_first_and_pages_lose_and_double_none(store: &dyn Store) {
    let action = an_action("ops", ActionVerb::Reprocess);
    let mut due = vec![];
    for _ in 0..7 {
        due.insert(0, begin(store, &action, later(0)).await);
    }
    assert_eq!(numbers(store, &ActionFilter::default()).await, due);
    let mut paged = vec![];
    loop {
        let after = paged.last().copied();
        let filter = ActionFilter { after, ..ActionFilter::default() };
        let page = store.actions(&filter, 3).await;
        let page = page.expect("a page");
        if page.is_empty() {
            break;
        }
        paged.extend(page.into_iter().map(|it| it.seq));
        begin(store, &action, later(1)).await;
    }
    assert_eq!(paged, due);
    assert_eq!(store.actions(&ActionFilter::default(), 0).await, Ok(vec![]));
}

/// All conditions must match.
pub(crate) async fn a_filter_of_entries_lets_through_what_fits_all_of_it(store: &dyn Store) {
    for (second, who, verb) in [
        (1, "ops", ActionVerb::Ignore),
        (2, "cli", ActionVerb::Ignore),
        (3, "cli", ActionVerb::Prune),
    ] {
        begin(store, &an_action(who, verb), later(second)).await;
    }
    assert_eq!(store.finish_action(2, &done(4, 1)).await, Ok(Written::Applied));
    let all = ActionFilter::default();
    let by_cli = ActionFilter { who: Some(text("cli")), ..all.clone() };
    let ignored = ActionFilter { verb: Some(ActionVerb::Ignore), ..all.clone() };
    for (filter, due) in [
        (by_cli.clone(), vec![3, 2]),
        (ignored.clone(), vec![2, 1]),
        (ActionFilter { verb: ignored.verb, ..by_cli }, vec![2]),
        (ActionFilter { result: Some(ActionResult::Done), ..all.clone() }, vec![2]),
        (ActionFilter { result: Some(ActionResult::Failed), ..all.clone() }, vec![]),
        (ActionFilter { since: Some(later(2)), ..all.clone() }, vec![3, 2]),
        (ActionFilter { until: Some(later(2)), ..all.clone() }, vec![1]),
        (ActionFilter { who: Some(text("nobody")), ..all }, vec![]),
    ] {
        assert_eq!(numbers(store, &filter).await, due, "{filter:?}");
    }
}

pub(crate) async fn concurrent_entries_have_a_number_each(store: &dyn Store) {
    let action = an_action("ops", ActionVerb::Silence);
    let mut begun = join_all((0..10).map(|_| begin(store, &action, later(0)))).await;
    begun.sort_unstable();
    assert_eq!(begun, (1..=10).collect::<Vec<_>>());
}

/// The action is not done then; its entry has no outcome.
pub(crate) async fn an_entry_whose_number_is_lost_is_there(store: &dyn Store) {
    let (lossy, action) = (Lossy::new(store), an_action("ops", ActionVerb::Reconcile));
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.begin_action(&action, later(0)).await, Err(StoreError::Busy));
    assert_eq!(begin(store, &action, later(1)).await, 2);
    assert_eq!(numbers(store, &ActionFilter::default()).await, [2, 1]);
}

/// However young the events are that are deleted.
pub(crate) async fn entries_are_kept_for_four_hundred_days(store: &dyn Store) {
    let (now, action) = (later(0), an_action("cli", ActionVerb::Prune));
    let kept = -ACTIONS_KEPT.as_secs();
    for second in [kept - 1, kept, 0] {
        begin(store, &action, later(second)).await;
    }
    assert_eq!(store.prune(now, 10).await, Ok(0));
    assert_eq!(numbers(store, &ActionFilter::default()).await, [3, 2]);
}
