use jiff::civil::time;
use jiff::tz::{Offset, TimeZone};
use portal_domain::alert::{CONNECTED_ACCOUNTS_ONLY, SIGNATURE_REFUSALS, STORE_UNAVAILABLE};
use portal_domain::digest::Schedule;
use portal_domain::{
    Alert, AlertChange, Alerts as _, Event, IgnoredReason, Inbox as _, Origin, State, UnixSeconds,
};
use portal_sqlite::SqliteStore;
use portal_store_suite::{an_event, batch, block_on, text};

use super::{DIGEST_WITHIN, begins_an_hour, changes, just_due};

fn at(time: &str) -> UnixSeconds {
    UnixSeconds::from_rfc3339(time).unwrap()
}

fn nine_in_tokyo() -> Schedule {
    Schedule { at: time(9, 0, 0, 0), zone: TimeZone::fixed(Offset::constant(9)) }
}

#[test]
fn a_digest_is_made_within_the_hour_after_it_is_due() {
    let due = |time: &str| {
        just_due(&nine_in_tokyo(), at(time), DIGEST_WITHIN).map(|day| day.date.to_string())
    };
    assert_eq!(due("2026-11-22T08:59:59+09:00"), None);
    assert_eq!(due("2026-11-22T09:00:00+09:00").as_deref(), Some("2026-11-21"));
    assert_eq!(due("2026-11-22T09:59:59+09:00").as_deref(), Some("2026-11-21"));
    assert_eq!(due("2026-11-22T10:00:00+09:00"), None);
    assert_eq!(due("2026-11-22T00:00:00+09:00"), None);
}

#[test]
fn the_past_is_read_in_one_minute_of_each_hour() {
    let minutes = (0..120).filter(|minute| {
        begins_an_hour(at("2026-11-22T00:00:30Z").after(jiff::SignedDuration::from_mins(*minute)))
    });
    assert_eq!(minutes.collect::<Vec<_>>(), [0, 60]);
}

#[test]
fn a_digest_that_was_made_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
    let now = at("2026-11-22T09:00:20+09:00");
    let digests = |now| {
        let changes = block_on(changes(&store, Some(&nine_in_tokyo()), now)).unwrap();
        changes.into_iter().filter(is_digest).collect::<Vec<_>>()
    };
    assert_eq!(digests(now), [], "nothing came that day");

    let yesterday = at("2026-11-21T12:00:00+09:00");
    let event = Event { received_at: yesterday, ..an_event("evt_1") };
    block_on(store.record(&batch([event]), yesterday)).unwrap();
    let made = digests(now);
    assert_eq!(made.len(), 1);
    block_on(store.raise(&made, now)).unwrap();
    assert_eq!(digests(now.after(jiff::SignedDuration::from_mins(1))), []);
}

/// Nothing that Stripe delivered, and a donation that was found missing.
#[test]
fn the_digest_of_a_day_without_deliveries_is_decided_in_the_first_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
    let yesterday = at("2026-11-21T12:00:00+09:00");
    let found = Event {
        origin: Origin::Reconciled,
        created: yesterday,
        received_at: yesterday,
        ..an_event("evt_1")
    };
    block_on(store.record(&batch([found]), yesterday)).unwrap();
    let made = |time: &str| {
        let changes = block_on(changes(&store, Some(&nine_in_tokyo()), at(time))).unwrap();
        changes.iter().filter(|it| is_digest(it)).count()
    };
    assert_eq!(made("2026-11-22T08:59:59+09:00"), 0);
    assert_eq!(made("2026-11-22T09:00:00+09:00"), 1);
    assert_eq!(made("2026-11-22T09:04:59+09:00"), 1);
    assert_eq!(made("2026-11-22T09:05:00+09:00"), 0);
}

fn is_digest(change: &AlertChange) -> bool {
    matches!(change, AlertChange::Raise(Alert::Digest(_)))
}

#[test]
fn what_no_isolate_notices_for_five_minutes_subsides() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
    let changes = block_on(changes(&store, None, at("2026-11-22T12:05:00Z"))).unwrap();
    let since = at("2026-11-22T12:00:00Z");
    let subsides = [SIGNATURE_REFUSALS, STORE_UNAVAILABLE]
        .map(|key| AlertChange::ResolveIfQuietSince { key: key.into(), since });
    assert_eq!(changes, subsides);
}

#[test]
fn only_connected_accounts_events_are_a_trouble_from_the_next_hour_until_an_own_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("portal.db")).unwrap();
    let last = |event: Event, received_at: &str, look: &str| {
        let received_at = at(received_at);
        let entries = batch([Event { received_at, ..event }]);
        block_on(store.record(&entries, received_at)).unwrap();
        block_on(changes(&store, None, at(look))).unwrap().pop().unwrap()
    };
    let connected = Event {
        account: Some(text("acct_1")),
        state: State::Ignored(IgnoredReason::ConnectedAccount),
        facts: None,
        ..an_event("evt_1")
    };
    let raised = last(connected, "2026-11-22T12:10:00Z", "2026-11-22T13:00:20Z");
    let alert = Alert::ConnectedAccountsOnly {
        account: Some(text("acct_1")),
        events: 1,
        last_received_at: at("2026-11-22T12:10:00Z"),
    };
    assert_eq!(raised, AlertChange::Raise(alert));
    let ended = last(an_event("evt_2"), "2026-11-22T13:10:00Z", "2026-11-22T14:00:20Z");
    assert_eq!(ended, AlertChange::Resolve(CONNECTED_ACCOUNTS_ONLY.into()));
}
