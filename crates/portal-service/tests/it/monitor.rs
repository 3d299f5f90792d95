//! The monitor raises and ends the same on both hosts: a server's processes look every few seconds and
//! remember; a Worker's isolates look once a minute, and each may be a new one.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::civil::time;
use jiff::tz::{Offset, TimeZone};
use portal_contract::{FakeChance, FakeClock, an_event, batch, block_on, text};
use portal_domain::alert::{SIGNATURE_REFUSALS, STORE_UNAVAILABLE};
use portal_domain::digest::Schedule;
use portal_domain::monitor::REFUSAL_WINDOW;
use portal_domain::signature::SignatureRefusal;
use portal_domain::{
    AccountPath, Action, Alert, AlertFilter, AlertRow, ChannelResult, Clock as _, Event,
    IgnoredReason, Lease, Notification, NotificationOutcome, Notify, NotifyError, Observe as _,
    Origin, Refusal, State, Store, Unavailable, UnixSeconds,
};
use portal_service::{Monitor, MonitorState, Notifier, QUIET, Troubles};
use portal_sqlite::SqliteStore;
use tempfile::TempDir;

/// 2026-11-22T00:00:30Z, within the first minute of an hour.
const BEGIN: i64 = 1_795_305_630;

const HOUR: i64 = 3600;

/// The way in which a host monitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wiring {
    /// A process that remembers what it saw.
    Server,
    /// Isolates, each of which sees one minute.
    Worker,
}

const BOTH: [Wiring; 2] = [Wiring::Server, Wiring::Worker];

impl Wiring {
    /// The interval of its ticks, in seconds.
    fn every(self) -> i64 {
        match self {
            Self::Server => 5,
            Self::Worker => 60,
        }
    }
}

/// One that monitors a store which others monitor as well.
struct Process {
    wiring: Wiring,
    store: Arc<dyn Store>,
    clock: FakeClock,
    troubles: Arc<Troubles>,
    digest: Option<Schedule>,
    monitor: Monitor,
}

impl Process {
    fn of(database: &Path, wiring: Wiring) -> Self {
        Self::with_digest(database, wiring, None)
    }

    fn with_digest(database: &Path, wiring: Wiring, digest: Option<Schedule>) -> Self {
        let (clock, store) = (FakeClock::default(), Arc::new(SqliteStore::open(database).unwrap()));
        let troubles = Arc::new(Troubles::new(Arc::new(clock.clone())));
        let state = match wiring {
            Wiring::Server => MonitorState::starting(),
            Wiring::Worker => MonitorState::default(),
        };
        let monitor = monitor(&(store.clone() as _), &clock, &troubles, digest.clone(), state);
        Self { wiring, store, clock, troubles, digest, monitor }
    }

    fn is_refused(&self, deliveries: usize) {
        for _ in 0..deliveries {
            self.troubles.refused(Refusal::Signature(SignatureRefusal::NoMatch));
        }
    }

    fn could_not_write(&self, deliveries: usize) {
        for _ in 0..deliveries {
            self.troubles.unavailable(&Unavailable::QueueFull);
        }
    }

    fn at(&self, second: i64) -> &Self {
        self.clock.set(BEGIN + second);
        self
    }

    fn looks(&mut self, second: i64) {
        self.at(second);
        if self.wiring == Wiring::Worker {
            let (digest, state) = (self.digest.clone(), MonitorState::default());
            let kept = self.monitor.unstored().is_some();
            // An isolate with an alert that it could not store is not gone: it is what will store it.
            if !kept {
                self.monitor = monitor(&self.store, &self.clock, &self.troubles, digest, state);
            }
        }
        block_on(self.monitor.tick());
    }

    fn alerts(&self) -> Vec<AlertRow> {
        block_on(self.store.alerts(AlertFilter::All, 9)).unwrap()
    }

    /// The one alert there is.
    fn alert(&self) -> AlertRow {
        let mut alerts = self.alerts();
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        alerts.pop().unwrap()
    }

    fn open(&self, key: &str) -> bool {
        self.alerts().iter().any(|it| it.open && it.key == key)
    }

    fn digests(&self) -> usize {
        self.alerts().iter().filter(|it| matches!(it.alert, Alert::Digest(_))).count()
    }

    fn records(&self, event: Event, received_at: UnixSeconds) {
        let entries = batch([Event { received_at, ..event }]);
        block_on(self.store.record(&entries, received_at)).unwrap();
    }

    /// The second, from `first` on, of the look after which its alert has ended.
    fn ended(&mut self, other: &mut Self, first: i64) -> i64 {
        let every = usize::try_from(self.wiring.every()).unwrap();
        let mut looks = (first..first + HOUR).step_by(every);
        looks
            .find(|second| {
                self.looks(*second);
                other.looks(second + 2);
                !other.alert().open
            })
            .unwrap()
    }
}

fn monitor(
    store: &Arc<dyn Store>,
    clock: &FakeClock,
    troubles: &Arc<Troubles>,
    digest: Option<Schedule>,
    state: MonitorState,
) -> Monitor {
    Monitor::new(Arc::clone(store), Arc::new(clock.clone()), Arc::clone(troubles), digest, state)
}

/// Runs `story` with each wiring, in a database of its own.
fn on_both(story: impl Fn(Wiring, &Path)) {
    for wiring in BOTH {
        let folder: TempDir = tempfile::tempdir().unwrap();
        story(wiring, &folder.path().join("donations.db"));
    }
}

#[test]
fn a_burst_at_one_process_ends_when_no_process_sees_it_any_more() {
    on_both(|wiring, database| {
        let (mut one, mut other) = (Process::of(database, wiring), Process::of(database, wiring));
        let window = REFUSAL_WINDOW.as_secs();
        for second in (0..window).step_by(usize::try_from(wiring.every()).unwrap()) {
            one.at(second).is_refused(8);
            one.looks(second);
            // Its clock is two seconds fast.
            other.looks(second + 2);
            assert!(other.alert().open, "{wiring:?} after {second} s");
        }
        // The last refusals are raised up to a minute after they came.
        let noticed_last = window - 60;
        assert_eq!(one.alert().count, 5, "{wiring:?}: once a minute");
        let after = one.ended(&mut other, window) - noticed_last;
        let (earliest, every) = (QUIET.as_secs(), wiring.every());
        assert!((earliest..=earliest + 60 + 2 * every).contains(&after), "{wiring:?}: {after} s");
        assert_eq!(one.alert().key, SIGNATURE_REFUSALS);
    });
}

#[test]
fn refused_writes_are_one_trouble_while_they_come_every_minute() {
    on_both(|wiring, database| {
        let (mut one, mut other) = (Process::of(database, wiring), Process::of(database, wiring));
        for minute in 0..7 {
            one.at(60 * minute).could_not_write(2);
            for second in
                (60 * minute..60 * (minute + 1)).step_by(usize::try_from(wiring.every()).unwrap())
            {
                one.looks(second);
                other.looks(second);
                assert!(other.alert().open, "{wiring:?} after {second} s");
            }
        }
        let alert = one.alert();
        assert!(matches!(alert.alert, Alert::StoreUnavailable { refused: 14, .. }), "{alert:?}");
        assert_eq!((alert.count, alert.changed_at.get()), (7, BEGIN + 360), "{wiring:?}");
        one.ended(&mut other, 420);
        one.at(2000).could_not_write(1);
        one.looks(2000);
        let alert = one.alert().alert;
        assert!(matches!(alert, Alert::StoreUnavailable { refused: 1, .. }), "{alert:?}");
    });
}

/// Nobody could say anything meanwhile.
#[test]
fn a_trouble_does_not_end_while_the_store_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (database, away) = (folder.path().join("donations.db"), folder.path().join("away"));
    let server = || Process::of(&database, Wiring::Server);
    let (mut one, mut other) = (server(), server());
    one.at(0).is_refused(8);
    one.looks(0);
    other.looks(1);
    fs::rename(&database, &away).unwrap();
    one.looks(5);
    fs::rename(&away, &database).unwrap();
    other.looks(1000);
    assert!(other.open(SIGNATURE_REFUSALS));
    let mut late = server();
    late.looks(1001);
    assert!(late.open(SIGNATURE_REFUSALS));
    one.at(1002).is_refused(8);
    one.looks(1003);
    other.looks(1005);
    assert!(other.open(SIGNATURE_REFUSALS));
}

/// It was notified directly, so a channel must be notified of its end as well.
#[test]
fn a_store_that_was_away_is_a_trouble_with_an_end_even_where_nothing_was_refused() {
    on_both(|wiring, database| {
        let away = database.with_extension("away");
        let mut one = Process::of(database, wiring);
        one.looks(0);
        fs::rename(database, &away).unwrap();
        one.looks(60);
        let unstored = one.monitor.unstored();
        assert!(matches!(unstored, Some(Alert::StoreUnavailable { refused: 0, .. })), "{wiring:?}");
        fs::rename(&away, database).unwrap();
        one.looks(120);
        assert_eq!(one.monitor.unstored(), None);
        assert!(one.open(STORE_UNAVAILABLE));
        for second in (120..500).step_by(usize::try_from(wiring.every()).unwrap()).skip(1) {
            one.looks(second);
        }
        assert!(!one.open(STORE_UNAVAILABLE), "{wiring:?}");
        assert_eq!(one.alert().count, 1);
    });
}

/// A channel that keeps what it is notified of.
#[derive(Default)]
struct Kept(Mutex<Vec<Action>>);

#[async_trait]
impl Notify for Kept {
    fn channel(&self) -> &str {
        "slack-1"
    }

    fn takes(&self, _: &Alert) -> bool {
        true
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        assert_eq!(notification.key, STORE_UNAVAILABLE);
        self.0.lock().unwrap().push(notification.action);
        Ok(())
    }
}

#[test]
fn of_a_store_that_was_away_a_channel_is_notified_once_and_of_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (database, away) = (folder.path().join("donations.db"), folder.path().join("away"));
    let Process { store, clock, monitor, .. } = Process::of(&database, Wiring::Server);
    let (channel, monitor) = (Arc::new(Kept::default()), Arc::new(monitor));
    let notifier = Notifier::new(
        channel.clone(),
        store,
        monitor.clone(),
        Arc::new(clock.clone()),
        Arc::new(FakeChance(7)),
    );
    let pass = |seconds: std::ops::Range<i64>| {
        for second in seconds.step_by(5) {
            clock.set(BEGIN + second);
            block_on(monitor.tick());
            block_on(notifier.tick());
        }
        channel.0.lock().unwrap().clone()
    };
    assert_eq!(pass(0..10), []);
    fs::rename(&database, &away).unwrap();
    assert_eq!(pass(10..60), [Action::Trigger]);
    fs::rename(&away, &database).unwrap();
    assert_eq!(pass(60..60 + QUIET.as_secs()), [Action::Trigger]);
    assert_eq!(pass(60 + QUIET.as_secs()..500), [Action::Trigger, Action::Resolve]);
}

/// Ends with the next look at the history, whatever connected accounts are paid meanwhile.
#[test]
fn only_connected_accounts_events_are_a_trouble_until_an_own_one_comes() {
    on_both(|wiring, database| {
        let mut one = Process::of(database, wiring);
        let state = State::Ignored(IgnoredReason::ConnectedAccount);
        let of_account =
            |id: &str| Event { account: Some(text("acct_1")), state, facts: None, ..an_event(id) };
        let mut record = |event: Event, hour: i64| {
            one.records(event, UnixSeconds::new(BEGIN + hour * HOUR - 600).unwrap());
            one.looks(hour * HOUR);
            one.alert()
        };
        let alert = record(of_account("evt_1"), 1);
        let only = matches!(&alert.alert, Alert::ConnectedAccountsOnly { account, events: 1, .. }
            if *account == AccountPath::new("acct_1"));
        assert!(only && alert.open, "{wiring:?}: {alert:?}");
        let alert = record(of_account("evt_2"), 2);
        assert!(matches!(alert.alert, Alert::ConnectedAccountsOnly { events: 2, .. }), "{alert:?}");
        assert!(alert.open);
        assert!(!record(an_event("evt_3"), 3).open, "{wiring:?}");
        assert!(!record(of_account("evt_4"), 4).open, "{wiring:?}");
    });
}

#[test]
fn the_history_is_judged_once_an_hour() {
    on_both(|wiring, database| {
        let mut one = Process::of(database, wiring);
        one.looks(0);
        let state = State::Ignored(IgnoredReason::ConnectedAccount);
        let event =
            Event { account: Some(text("acct_1")), state, facts: None, ..an_event("evt_1") };
        one.records(event, UnixSeconds::new(BEGIN).unwrap());
        let looks = (60..2 * HOUR).step_by(usize::try_from(wiring.every()).unwrap());
        let raised = looks.into_iter().find(|second| {
            one.looks(*second);
            !one.alerts().is_empty()
        });
        let first_of_hour = (HOUR - 30..HOUR + 30).contains(&raised.unwrap());
        assert!(first_of_hour, "{wiring:?}: {raised:?}");
    });
}

fn nine_in_tokyo() -> Schedule {
    Schedule { at: time(9, 0, 0, 0), zone: TimeZone::fixed(Offset::constant(9)) }
}

/// A process that begins so many seconds after the digest of 2026-11-21 is due, with an event of that
/// day.
fn after_due(database: &Path, wiring: Wiring, origin: Origin) -> Process {
    let process = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
    let yesterday = UnixSeconds::new(BEGIN - 20 * HOUR).unwrap();
    let event = Event { origin, created: yesterday, ..an_event("evt_1") };
    process.records(event, yesterday);
    process
}

#[test]
fn a_digest_is_made_once_when_it_is_due() {
    on_both(|wiring, database| {
        let mut one = after_due(database, wiring, Origin::Delivered);
        one.looks(-40);
        let before = one.digests();
        for second in (-30..2 * HOUR).step_by(usize::try_from(wiring.every()).unwrap()) {
            one.looks(second);
        }
        let days: Vec<_> = one.alerts().into_iter().map(|it| (it.key, it.count)).collect();
        let due = ("digest:2026-11-21".to_owned(), 1);
        assert!(days.contains(&due), "{wiring:?}: {days:?}");
        // At its start a server decides upon the digest that was due the day before.
        assert!(before <= 1 && days.len() <= 2, "{wiring:?}: {days:?}");
    });
}

#[test]
fn a_digest_is_made_after_a_late_start_and_not_again_after_another() {
    on_both(|wiring, database| {
        let late = 9 * HOUR;
        let mut one = after_due(database, wiring, Origin::Delivered);
        one.looks(late);
        assert_eq!(one.digests(), 1, "{wiring:?}");
        let mut another = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
        another.looks(late + HOUR);
        assert_eq!((one.digests(), one.alert().count), (1, 1), "{wiring:?}");
    });
}

#[test]
fn a_day_on_which_nothing_came_and_nothing_is_to_be_said_has_no_digest() {
    on_both(|wiring, database| {
        let mut one = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
        for second in [0, 60, 120, HOUR] {
            one.looks(second);
        }
        assert_eq!(one.digests(), 0, "{wiring:?}");
    });
}

#[test]
fn a_day_before_the_first_event_has_no_digest_not_even_after_a_restart() {
    on_both(|wiring, database| {
        let mut one = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
        let today = UnixSeconds::new(BEGIN - HOUR).unwrap();
        one.records(Event { created: today, ..an_event("evt_1") }, today);
        let mut restarted = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
        for second in [0, 60, HOUR] {
            one.looks(second);
            restarted.looks(second);
        }
        assert_eq!(one.digests(), 0, "{wiring:?}");
        one.looks(24 * HOUR);
        assert_eq!(one.digests(), 1, "{wiring:?}: the day of the first event has one");
    });
}

/// A database that `reconcile` has filled shows donations of days on which there was no such database.
#[test]
fn a_database_that_reconcile_has_filled_today_has_no_digest_of_yesterday() {
    on_both(|wiring, database| {
        let mut one = Process::with_digest(database, wiring, Some(nine_in_tokyo()));
        let [yesterday, today] =
            [20, 1].map(|hours| UnixSeconds::new(BEGIN - hours * HOUR).unwrap());
        let event = Event { origin: Origin::Reconciled, created: yesterday, ..an_event("evt_1") };
        one.records(event, today);
        one.looks(60);
        assert_eq!(one.digests(), 0, "{wiring:?}");
    });
}

/// Nothing that Stripe delivered, and a donation that was found missing.
#[test]
fn the_digest_of_a_day_without_deliveries_is_decided_upon_in_the_first_minutes() {
    on_both(|wiring, database| {
        let mut one = after_due(database, wiring, Origin::Reconciled);
        one.looks(240);
        assert_eq!(one.digests(), 1, "{wiring:?}");
    });
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("donations.db");
    let mut late = after_due(&database, Wiring::Worker, Origin::Reconciled);
    for second in [280, 300, HOUR] {
        late.looks(second);
    }
    assert_eq!(late.digests(), 0, "later than that nobody knows whether it was decided upon");
    let mut server = after_due(&folder.path().join("other.db"), Wiring::Server, Origin::Reconciled);
    server.looks(HOUR);
    assert_eq!(server.digests(), 1, "a start decides");
}

/// Nobody sends to a channel that is no longer set, so nothing else would end it.
#[test]
fn what_is_told_about_a_channel_ends_when_it_is_no_longer_set() {
    on_both(|wiring, database| {
        let one = Process::of(database, wiring);
        let why = NotifyError::Refused { status: 404, word: None };
        let failing = |name| Alert::ChannelFailing { channel: text(name), why };
        for name in ["slack-1", "slack-2"] {
            let outcome = NotificationOutcome {
                key: "test".into(),
                lease: Lease(1),
                cause: String::new(),
                notified: Err(one.at(0).clock.now()),
                channel: Some(ChannelResult::of(Err(why), 1)),
            };
            block_on(one.store.finish_notification(name, &outcome, one.clock.now())).unwrap();
        }
        assert!(one.open(&failing("slack-1").key()) && one.open(&failing("slack-2").key()));
        let troubles = Arc::new(Troubles::new(Arc::new(one.clock.clone())));
        let state = MonitorState::default();
        let monitor = monitor(&one.store, &one.clock, &troubles, None, state);
        block_on(monitor.with_channels(vec!["slack-1".into()]).tick());
        assert!(one.open(&failing("slack-1").key()), "{wiring:?}");
        assert!(!one.open(&failing("slack-2").key()), "{wiring:?}");
    });
}
