//! The delivery history.

use portal_domain::ports::{DOCTORS_TYPE, ROLLED_UP_MAX};
use portal_domain::{
    AccountPath, ConnectedEvents, DeadReason, DeliveryHistory, DeliveryHour, Event, IgnoredReason,
    Origin, State, Store,
};

use crate::fixtures::{a_gift, given, later};
use crate::samples::{record_new, text};
use crate::stripe::BEGIN;

const UNKNOWN: State = State::Ignored(IgnoredReason::UnknownType);

const HOUR: i64 = 3600;

/// There are no events.
pub(crate) async fn a_fresh_store_has_no_past(store: &dyn Store) {
    assert_eq!(store.delivery_history(later(0)).await, Ok(DeliveryHistory::default()));
}

/// Events in every state count. The hour of `since` counts as a whole if an event arrived in it since
/// then.
pub(crate) async fn the_past_is_how_events_came_in(store: &dyn Store) {
    let first = next_hour();
    for (n, second) in [10, 12, 50, 55, 55, HOUR + 70].into_iter().enumerate() {
        let state = if n == 1 { UNKNOWN } else { State::Processed };
        let event = Event { state, ..came(&n.to_string(), first + second) };
        record_new(store, &[event]).await;
    }
    let whole = past(6, first + 10, first + HOUR + 70, HOUR + 15);
    let last = past(1, first + HOUR + 70, first + HOUR + 70, 0);
    let none = DeliveryHistory::default();
    for (since, due) in [
        (-HOUR, &whole),
        (0, &whole),
        (10, &whole),
        (55, &whole),
        (56, &last),
        (HOUR + 70, &last),
        (HOUR + 71, &none),
        (2 * HOUR, &none),
    ] {
        assert_eq!(store.delivery_history(later(first + since)).await.as_ref(), Ok(due), "{since}");
    }
}

/// An event is rolled up once.
pub(crate) async fn asking_again_counts_nothing_twice(store: &dyn Store) {
    given(store, &["a", "b", "c"]).await;
    let due = past(3, 0, 2, 1);
    for _ in 0..3 {
        assert_eq!(store.delivery_history(later(0)).await.as_ref(), Ok(&due));
    }
}

/// The result does not depend on earlier calls.
pub(crate) async fn what_comes_later_is_added_to_its_hour(store: &dyn Store) {
    let first = next_hour();
    let seconds = [10, 20, 50, 51, 40, HOUR + 1, HOUR + 30];
    for (n, second) in seconds.into_iter().enumerate() {
        record_new(store, &[came(&n.to_string(), first + second)]).await;
        let counted = store.delivery_history(later(first)).await.map(|it| it.events);
        assert_eq!(counted, Ok(n as u64 + 1));
    }
    let due = past(7, first + 10, first + HOUR + 30, HOUR - 39);
    assert_eq!(store.delivery_history(later(first)).await, Ok(due));
    let due = past(2, first + HOUR + 1, first + HOUR + 30, 29);
    assert_eq!(store.delivery_history(later(first + HOUR)).await, Ok(due));
}

/// Calls in between do not change the result; an event that Stripe did not deliver ends no silence.
pub(crate) async fn a_silence_ends_in_the_hour_of_the_event_that_ends_it(store: &dyn Store) {
    let first = next_hour();
    record_new(store, &[came("a", first)]).await;
    assert_eq!(store.delivery_history(later(first)).await, Ok(past(1, first, first, 0)));
    let fetched = Event { origin: Origin::Reconciled, ..came("b", first + 5 * HOUR) };
    record_new(store, &[fetched]).await;
    assert_eq!(store.delivery_history(later(first)).await, Ok(past(1, first, first, 0)));
    record_new(store, &[came("c", first + 30 * HOUR), came("d", first + 34 * HOUR)]).await;
    let due = past(3, first, first + 34 * HOUR, 30 * HOUR);
    assert_eq!(store.delivery_history(later(first)).await, Ok(due));
    let due = past(2, first + 30 * HOUR, first + 34 * HOUR, 4 * HOUR);
    assert_eq!(store.delivery_history(later(first + 30 * HOUR)).await, Ok(due));
}

/// The silence after a trial months ago must not count as normal.
pub(crate) async fn a_silence_before_the_first_hour_is_nobodys(store: &dyn Store) {
    let (first, long) = (next_hour(), 2000 * HOUR);
    for (name, second) in [("a", 0), ("b", long), ("c", long + 3), ("d", long + 2 * HOUR)] {
        record_new(store, &[came(name, first + second)]).await;
    }
    let due = past(3, first + long, first + long + 2 * HOUR, 2 * HOUR - 3);
    assert_eq!(store.delivery_history(later(first + HOUR)).await, Ok(due));
}

/// Neither fetched events nor the portal's own test deliveries show that Stripe delivers.
pub(crate) async fn the_past_is_of_what_stripe_delivered(store: &dyn Store) {
    let fetched = Event { origin: Origin::Reconciled, ..a_gift("a") };
    let own = Event { event_type: text(DOCTORS_TYPE), ..a_gift("b") };
    record_new(store, &[fetched, own]).await;
    assert_eq!(store.delivery_history(later(0)).await, Ok(DeliveryHistory::default()));
}

/// A single event has no gap before it.
pub(crate) async fn the_first_event_of_a_past_follows_nothing(store: &dyn Store) {
    given(store, &["a"]).await;
    let seen = store.delivery_history(later(0)).await.map(|it| (it.events, it.longest_gap_seconds));
    assert_eq!(seen, Ok((1, 0)));
}

/// Clocks of machines differ or are set back: a gap is never negative.
pub(crate) async fn a_clock_that_was_set_back_leaves_no_gap(store: &dyn Store) {
    let first = next_hour() + 2 * HOUR;
    for (n, second) in [100, 70, 40, 40 - HOUR].into_iter().enumerate() {
        record_new(store, &[came(&n.to_string(), first + second)]).await;
    }
    let due = past(4, first + 40 - HOUR, first + 100, 0);
    assert_eq!(store.delivery_history(later(first - HOUR)).await, Ok(due));
}

/// Events are rolled up in several steps.
pub(crate) async fn more_events_than_a_step_takes_are_all_counted(store: &dyn Store) {
    let all = i64::from(ROLLED_UP_MAX) + 10;
    let ignored = |n: i64| Event { state: UNKNOWN, facts: None, ..came(&n.to_string(), n) };
    let events: Vec<_> = (0..all).map(ignored).collect();
    for page in events.chunks(100) {
        record_new(store, page).await;
    }
    assert_eq!(store.delivery_history(later(0)).await, Ok(past(all.unsigned_abs(), 0, all - 1, 1)));
}

/// The last hour of the pruned range is kept.
pub(crate) async fn hours_are_forgotten_with_their_events(store: &dyn Store) {
    let first = next_hour();
    for (name, second) in [("a", 0), ("b", HOUR), ("c", 2 * HOUR)] {
        record_new(store, &[came(name, first + second)]).await;
    }
    let events = async |second| store.delivery_history(later(second)).await.map(|it| it.events);
    assert_eq!(events(first).await, Ok(3));
    assert_eq!(store.prune(later(first + 2 * HOUR - 1), 10).await, Ok(2));
    assert_eq!(events(first).await, Ok(2));
    assert_eq!(store.prune(later(first + 2 * HOUR), 10).await, Ok(0));
    assert_eq!(events(first).await, Ok(1));
}

/// If all events were pruned, a store may number new events from the beginning.
pub(crate) async fn places_that_are_given_again_are_counted_again(store: &dyn Store) {
    let first = next_hour();
    record_new(store, &[came("a", first), came("b", first + 1)]).await;
    assert_eq!(store.delivery_history(later(first)).await, Ok(past(2, first, first + 1, 1)));
    assert_eq!(store.prune(later(first + HOUR), 10).await, Ok(2));
    assert_eq!(store.delivery_history(later(first)).await, Ok(DeliveryHistory::default()));
    record_new(store, &[came("c", first + HOUR), came("d", first + HOUR + 2)]).await;
    let due = past(2, first + HOUR, first + HOUR + 2, 2);
    assert_eq!(store.delivery_history(later(first)).await, Ok(due));
}

/// Events are classified by type, whatever their state; those of connected accounts are the ones
/// ignored for that reason.
pub(crate) async fn events_about_money_are_distinguished_by_whose_they_are(store: &dyn Store) {
    let dead = State::Dead(DeadReason::FactsMissing);
    for (second, event_type, state, own) in [
        (1, "payment_intent.succeeded", State::Processed, Some(1)),
        (2, "customer.subscription.updated", State::Processed, Some(1)),
        (3, "account.updated", UNKNOWN, Some(1)),
        (4, "v2.core.event_destination.ping", State::Ignored(IgnoredReason::Ping), Some(1)),
        (5, "invoice_payment.paid", dead, Some(5)),
        (6, "v1.charge.dispute.created", State::AwaitingObject { was_dead: false }, Some(6)),
        (7, "checkout.session.completed", State::Processed, Some(7)),
        (8, "refund.failed", State::Ignored(IgnoredReason::ByOperator), Some(8)),
    ] {
        let event =
            Event { event_type: text(event_type), state, ..came(&second.to_string(), second) };
        record_new(store, &[without_facts(event)]).await;
        let seen = store.delivery_history(later(0)).await.map(|it| (it.own_money_at, it.connected));
        assert_eq!(seen, Ok((own.map(later), None)), "{event_type}");
    }
    for (second, event_type, events) in [
        (11, "account.updated", None),
        (12, "payout.paid", None),
        (13, "payment_intent.succeeded", Some(1)),
        (14, "v1.invoice.paid", Some(2)),
        (15, "payouts.charge.paid", Some(2)),
    ] {
        record_new(store, &[connected(event_type, second, "acct_1")]).await;
        let past = store.delivery_history(later(0)).await;
        assert_eq!(past.as_ref().map(|it| it.own_money_at), Ok(Some(later(8))), "{event_type}");
        assert_eq!(past.map(|it| it.connected.map(|it| it.events)), Ok(events), "{event_type}");
    }
}

/// Calls in between do not change the result.
pub(crate) async fn what_connected_accounts_are_paid_is_counted_by_the_hour(store: &dyn Store) {
    let first = next_hour();
    let paid = |second, account| connected("charge.succeeded", first + second, account);
    let due = |events, second, account| {
        let account = AccountPath::new(account);
        Some(ConnectedEvents { events, last_received_at: later(first + second), account })
    };
    let seen = async |since| {
        let past = store.delivery_history(later(first + since)).await;
        past.map(|it| (it.own_money_at, it.connected))
    };
    let own = |second| Some(later(first + second));
    record_new(store, &[paid(1, "acct_1"), paid(9, "acct_1"), paid(5, "acct_1")]).await;
    assert_eq!(seen(0).await, Ok((None, due(3, 9, "acct_1"))));
    record_new(store, &[came("a", first + 20), paid(12, "acct_1")]).await;
    assert_eq!(seen(0).await, Ok((own(20), due(4, 12, "acct_1"))));
    // The clock was set back.
    record_new(store, &[came("b", first + 15), paid(7, "acct_1")]).await;
    assert_eq!(seen(0).await, Ok((own(20), due(5, 12, "acct_1"))));
    record_new(store, &[came("c", first + HOUR), paid(2 * HOUR, "acct_2/acct_3")]).await;
    assert_eq!(seen(0).await, Ok((own(HOUR), due(6, 2 * HOUR, "acct_2/acct_3"))));
    assert_eq!(seen(HOUR).await, Ok((own(HOUR), due(1, 2 * HOUR, "acct_2/acct_3"))));
    assert_eq!(seen(3 * HOUR).await, Ok((None, None)));
}

/// Events fetched from Stripe's API do not show what the endpoint sends.
pub(crate) async fn money_events_that_were_fetched_are_nobodys(store: &dyn Store) {
    let fetched = |event| Event { origin: Origin::Reconciled, ..event };
    let events = [a_gift("a"), connected("invoice.paid", 1, "acct_1")].map(fetched);
    record_new(store, &events).await;
    assert_eq!(store.delivery_history(later(0)).await, Ok(DeliveryHistory::default()));
}

/// An hour has what happened in it, whenever it was rolled up.
pub(crate) async fn an_hour_has_its_gaps_and_delays(store: &dyn Store) {
    let first = next_hour();
    let delayed = |name: &str, second, delay| Event {
        created: later(first + second - delay),
        ..came(name, first + second)
    };
    record_new(store, &[delayed("a", 10, 0), delayed("b", 40, 1), delayed("c", 50, 2)]).await;
    let rolled_up = store.delivery_history(later(first)).await;
    assert!(rolled_up.is_ok(), "{rolled_up:?}");
    let four_days = 4 * 24 * HOUR;
    // A clock of Stripe's that is ahead is no delay.
    record_new(store, &[delayed("d", 60, 8 * HOUR), delayed("e", 70, -5)]).await;
    record_new(store, &[delayed("f", HOUR, four_days), delayed("g", 3 * HOUR, 16)]).await;
    let whole = store.delivery_history(later(first)).await;
    let hour = (BEGIN + first) / HOUR;
    let of =
        |n: i64, events, [first_at, last_at]: [i64; 2], [gap, gap_before]: [i64; 2], within| {
            let [first_received_at, last_received_at] =
                [first_at, last_at].map(|it| later(first + it));
            DeliveryHour {
                hour: hour + n,
                events,
                first_received_at,
                last_received_at,
                longest_gap_seconds: gap,
                gap_before_seconds: gap_before,
                within,
            }
        };
    let due = [
        of(0, 5, [10, 70], [30, 0], [3, 4, 4, 4, 4, 4, 4, 5, 5, 5]),
        of(1, 1, [HOUR, HOUR], [0, HOUR - 70], [0; 10]),
        of(3, 1, [3 * HOUR, 3 * HOUR], [0, 2 * HOUR], [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]),
    ];
    let all = [[later(first), later(first + 4 * HOUR)]];
    assert_eq!(store.delivery_hours(&all).await.as_deref(), Ok(&due[..]));
    let told = DeliveryHistory::of_hours(&due);
    let silence = |it: &DeliveryHistory| {
        (it.events, it.first_received_at, it.last_received_at, it.longest_gap_seconds)
    };
    assert_eq!(whole.as_ref().map(silence), Ok(silence(&told)));
}

/// A span has the hours that begin in it, and nothing is rolled up by asking.
pub(crate) async fn hours_are_read_by_spans(store: &dyn Store) {
    let first = next_hour();
    for n in 0..6 {
        record_new(store, &[came(&n.to_string(), first + n * HOUR + 5)]).await;
    }
    let hours = async |spans: &[[i64; 2]]| {
        let span = |it: &[i64; 2]| it.map(|second| later(first + second));
        let spans: Vec<_> = spans.iter().map(span).collect();
        let hours = store.delivery_hours(&spans).await;
        hours.map(|all| all.iter().map(|it| it.hour - (BEGIN + first) / HOUR).collect::<Vec<_>>())
    };
    assert_eq!(hours(&[[0, 6 * HOUR]]).await, Ok(vec![]));
    let rolled_up = store.delivery_history(later(first)).await;
    assert!(rolled_up.is_ok(), "{rolled_up:?}");
    assert_eq!(hours(&[[0, 6 * HOUR]]).await, Ok(vec![0, 1, 2, 3, 4, 5]));
    assert_eq!(hours(&[[1, 2 * HOUR + 1]]).await, Ok(vec![1, 2]));
    assert_eq!(hours(&[[4 * HOUR, 5 * HOUR], [0, HOUR]]).await, Ok(vec![0, 4]));
    assert_eq!(hours(&[[7 * HOUR, 9 * HOUR]]).await, Ok(vec![]));
}

/// Returns an event of this type and second that was ignored because of its connected account.
fn connected(event_type: &str, second: i64, account: &str) -> Event {
    let state = State::Ignored(IgnoredReason::ConnectedAccount);
    let (event_type, account) = (text(event_type), AccountPath::new(account));
    let name = format!("connected_{second}");
    without_facts(Event { event_type, account, state, ..came(&name, second) })
}

fn without_facts(event: Event) -> Event {
    Event { facts: None, ..event }
}

/// Returns the first full hour after the beginning of the samples, in seconds from there.
fn next_hour() -> i64 {
    HOUR - BEGIN.rem_euclid(HOUR)
}

/// Returns the gift with this name, received at `second` after the beginning of the samples.
fn came(name: &str, second: i64) -> Event {
    Event { received_at: later(second), ..a_gift(name) }
}

/// Returns a history of gifts of the portal's own account.
fn past(events: u64, first: i64, last: i64, longest_gap_seconds: i64) -> DeliveryHistory {
    DeliveryHistory {
        events,
        first_received_at: Some(later(first)),
        last_received_at: Some(later(last)),
        longest_gap_seconds,
        own_money_at: Some(later(last)),
        connected: None,
    }
}
