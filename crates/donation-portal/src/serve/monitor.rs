//! The watch: looks at the service's numbers and raises alerts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use portal_domain::Clock;
use portal_domain::alert::STORE_UNAVAILABLE;
use portal_domain::connected_accounts;
use portal_domain::digest::{Day, Schedule, digest};
use portal_domain::ids::EnumWord;
use portal_domain::monitor::{PAST, REFUSAL_WINDOW, Refusals, of_silence};
use portal_domain::{Alert, AlertChange, Store, StoreError, UnixSeconds};

use crate::serve::counts::RequestCounts;

/// How often it is looked.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many looks make the [`REFUSAL_WINDOW`].
const LOOKS_IN_WINDOW: usize = 60;
const _: () = assert!(
    REFUSAL_WINDOW.as_secs().unsigned_abs() == LOOK_EVERY.as_secs() * LOOKS_IN_WINDOW as u64
);

/// Every how many looks the past is read, which takes longer than the rest.
const LOOKS_BETWEEN_PASTS: usize = 60;

/// How long before the last look nobody may have noticed what a process notices by itself, for it to
/// have ended. Several looks, so that another process that misses one or two, because its store is
/// slow, or whose clock is some seconds off, goes on being heard. No more, because people wait for
/// the end.
const QUIET: SignedDuration = SignedDuration::from_secs(15);
const _: () = assert!(QUIET.as_secs().unsigned_abs() == LOOK_EVERY.as_secs() * 3);

/// An alert that the store could not take, because it is about the store itself.
pub(crate) type Unstored = Mutex<Option<Alert>>;

/// What is looked at.
pub(crate) struct Monitor {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counts: Arc<RequestCounts>,
    pub(crate) digest: Option<Schedule>,
    pub(crate) unstored: Arc<Unstored>,
}

/// What is remembered from look to look.
#[derive(Default)]
pub(crate) struct MonitorState {
    runs: usize,
    /// When the store last took what a look has found.
    looked_at: Option<UnixSeconds>,
    refusals: VecDeque<Refusals>,
    unavailable: Option<Unavailability>,
    digested: Option<UnixSeconds>,
    /// Whether the last look failed, and that was said.
    failing: bool,
}

/// What could not be made durable since the trouble began.
struct Unavailability {
    /// How many deliveries.
    refused: u64,
    /// Why the last of them could not.
    reason: &'static str,
    /// When it was last raised; `None` while it is to be.
    raised_at: Option<UnixSeconds>,
}

impl Monitor {
    /// Looks once.
    pub(crate) async fn run_once(&self, memory: &mut MonitorState) {
        let now = self.clock.now();
        let counted = self.counts.take();
        memory.remember(counted.refusals);
        if let Some(reason) = counted.reason {
            let before = memory.unavailable.as_ref().map_or(0, |it| it.refused);
            let refused = before + counted.unavailable;
            memory.unavailable = Some(Unavailability { refused, reason, raised_at: None });
        }
        match self.find_and_raise(memory, now).await {
            Ok(digested) => {
                self.keep(None);
                memory.failing = false;
                memory.digested = digested;
                memory.raised(now);
            }
            Err(error) => {
                if !memory.failing {
                    tracing::error!(outcome = "monitor_failed", reason = error.name(), %error);
                }
                memory.failing = true;
                // Raised as soon as the store takes it, so that it has an end where it was told.
                let trouble = memory.unavailable.get_or_insert_with(|| Unavailability {
                    refused: 0,
                    reason: error.name(),
                    raised_at: None,
                });
                if trouble.raised_at.take().is_some() {
                    trouble.reason = error.name();
                }
                self.keep(trouble.alert());
            }
        }
        memory.runs += 1;
    }

    /// Tells of which day the last digest is.
    async fn find_and_raise(
        &self,
        memory: &MonitorState,
        now: UnixSeconds,
    ) -> Result<Option<UnixSeconds>, StoreError> {
        let since = memory.quiet_since();
        let mut changes = vec![memory.sum().judge(since), memory.of_unavailability(since)];
        if memory.runs.is_multiple_of(LOOKS_BETWEEN_PASTS) {
            let past = self.store.delivery_history(now.after(-PAST)).await?;
            changes.extend(of_silence(&past, now));
            changes.extend(connected_accounts::change(&past, now));
        }
        let day = self.digest.as_ref().and_then(|it| it.due(now));
        if let Some(day) = day.filter(|day| memory.digested != Some(day.since)) {
            changes.extend(self.digest_of(day, now).await?.map(AlertChange::Raise));
        }
        self.store.raise(&changes, now).await?;
        Ok(day.map(|day| day.since))
    }

    /// Nothing where no event came since the day began and nothing is to be said.
    async fn digest_of(&self, day: Day, now: UnixSeconds) -> Result<Option<Alert>, StoreError> {
        let digest = digest(&*self.store, day, now).await?;
        let silent = digest.is_empty() && self.store.delivery_history(day.since).await?.events == 0;
        Ok((!silent).then_some(Alert::Digest(digest)))
    }

    fn keep(&self, unstored: Option<Alert>) {
        *self.unstored.lock().unwrap_or_else(PoisonError::into_inner) = unstored;
    }
}

impl MonitorState {
    fn remember(&mut self, refusals: Refusals) {
        self.refusals.push_back(refusals);
        if self.refusals.len() > LOOKS_IN_WINDOW {
            self.refusals.pop_front();
        }
    }

    fn sum(&self) -> Refusals {
        self.refusals.iter().fold(Refusals::default(), |sum, it| Refusals {
            wrong_secret: sum.wrong_secret + it.wrong_secret,
            clock: sum.clock + it.clock,
            malformed: sum.malformed + it.malformed,
        })
    }

    fn of_unavailability(&self, since: UnixSeconds) -> AlertChange {
        let news = self.unavailable.as_ref().filter(|it| it.raised_at.is_none());
        let subside = AlertChange::ResolveIfQuietSince { key: STORE_UNAVAILABLE.into(), since };
        news.and_then(Unavailability::alert).map_or(subside, AlertChange::Raise)
    }

    /// The store has taken what was found at `now`.
    fn raised(&mut self, now: UnixSeconds) {
        let since = self.quiet_since();
        self.unavailable.take_if(|it| *it.raised_at.get_or_insert(now) < since);
        self.looked_at = Some(now);
    }

    /// From when on nobody may have noticed a trouble for it to have ended.
    ///
    /// Counted from the last look that the store took: while it takes nothing, nobody can say what
    /// goes on. Before the first look that is 1970, and so nothing ends.
    fn quiet_since(&self) -> UnixSeconds {
        self.looked_at.unwrap_or_default().after(-QUIET)
    }
}

impl Unavailability {
    fn alert(&self) -> Option<Alert> {
        let reason = EnumWord::new(self.reason)?;
        Some(Alert::StoreUnavailable { reason, refused: self.refused })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use portal_domain::alert::{SIGNATURE_REFUSALS, STORE_UNAVAILABLE};
    use portal_domain::monitor::REFUSAL_WINDOW;
    use portal_domain::signature::SignatureRefusal;
    use portal_domain::{
        AccountPath, Alert, AlertRow, Event, IgnoredReason, Refusal, State, Unavailable,
        UnixSeconds,
    };
    use portal_http::Observe as _;
    use portal_sqlite::SqliteStore;
    use portal_store_suite::{FakeClock, an_event, batch, text};

    use super::{LOOK_EVERY, Monitor, MonitorState, QUIET};
    use crate::serve::shard;

    /// A process that watches a store which others watch as well.
    struct Replica {
        watch: Monitor,
        memory: MonitorState,
        clock: FakeClock,
    }

    impl Replica {
        fn of(database: &Path) -> Self {
            let clock = FakeClock::default();
            let watch = Monitor {
                store: Arc::new(SqliteStore::open(database).unwrap()),
                clock: Arc::new(clock.clone()),
                counts: Arc::default(),
                digest: None,
                unstored: Arc::default(),
            };
            Self { watch, memory: MonitorState::default(), clock }
        }

        fn is_refused(&self, deliveries: usize) {
            for _ in 0..deliveries {
                self.watch.counts.refused(Refusal::Signature(SignatureRefusal::NoMatch));
            }
        }

        fn could_not_write(&self, deliveries: usize) {
            for _ in 0..deliveries {
                self.watch.counts.unavailable(&Unavailable::QueueFull);
            }
        }

        fn runs(&mut self, second: i64) {
            self.clock.set(1_000_000 + second);
            shard::runtime().unwrap().block_on(self.watch.run_once(&mut self.memory));
        }

        /// The one alert there is.
        fn alert(&self) -> AlertRow {
            let mut alerts =
                shard::runtime().unwrap().block_on(self.watch.store.alerts(9)).unwrap();
            assert_eq!(alerts.len(), 1, "{alerts:?}");
            alerts.pop().unwrap()
        }
    }

    fn seconds(duration: Duration) -> i64 {
        i64::try_from(duration.as_secs()).unwrap()
    }

    /// The seconds at which one looks, from `first` on.
    fn every_look(first: i64, until: i64) -> impl Iterator<Item = i64> {
        (first..until).step_by(usize::try_from(LOOK_EVERY.as_secs()).unwrap())
    }

    /// After so many seconds at least, and one look more at most, a trouble has subsided.
    fn subsides_after() -> i64 {
        QUIET.as_secs() + seconds(LOOK_EVERY)
    }

    #[test]
    fn a_burst_at_one_replica_ends_when_no_replica_sees_it_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("donations.db");
        let (mut one, mut other) = (Replica::of(&database), Replica::of(&database));
        one.is_refused(8);
        let window = REFUSAL_WINDOW.as_secs();
        for second in every_look(0, window) {
            one.runs(second);
            // Its clock is two seconds fast.
            other.runs(second + 2);
            assert!(other.alert().open, "after {second} s");
        }
        let noticed_last = window - seconds(LOOK_EVERY);
        assert_eq!(one.alert().count, 60);
        let ended = every_look(window, window + 100).find(|second| {
            one.runs(*second);
            other.runs(second + 2);
            !other.alert().open
        });
        let after = ended.unwrap() - noticed_last;
        let earliest = subsides_after();
        assert!((earliest..=earliest + seconds(LOOK_EVERY)).contains(&after), "after {after} s");
        assert_eq!(one.alert().key, SIGNATURE_REFUSALS);
    }

    #[test]
    fn refused_writes_of_one_replica_are_one_trouble_while_they_come_every_few_looks() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("donations.db");
        let (mut one, mut other) = (Replica::of(&database), Replica::of(&database));
        for second in every_look(0, 100) {
            if second % 15 == 0 {
                one.could_not_write(2);
            }
            one.runs(second);
            other.runs(second);
            assert!(other.alert().open, "after {second} s");
        }
        let alert = one.alert();
        // Seven times, the last of them ten seconds before the last look.
        assert!(matches!(alert.alert, Alert::StoreUnavailable { refused: 14, .. }), "{alert:?}");
        assert_eq!((alert.count, alert.changed_at), (7, UnixSeconds::new(1_000_090).unwrap()));
        for second in every_look(100, 90 + subsides_after() + 2 * seconds(LOOK_EVERY)) {
            one.runs(second);
            other.runs(second);
        }
        assert!(!one.alert().open);
        one.could_not_write(1);
        one.runs(200);
        let alert = one.alert().alert;
        assert!(matches!(alert, Alert::StoreUnavailable { refused: 1, .. }), "{alert:?}");
    }

    /// Nobody could say anything meanwhile.
    #[test]
    fn a_trouble_does_not_subside_while_the_store_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (database, away) = (folder.path().join("donations.db"), folder.path().join("away"));
        let (mut one, mut other) = (Replica::of(&database), Replica::of(&database));
        one.is_refused(8);
        one.runs(0);
        other.runs(1);
        fs::rename(&database, &away).unwrap();
        one.runs(5);
        fs::rename(&away, &database).unwrap();
        other.runs(100);
        assert!(open(&other, SIGNATURE_REFUSALS));
        let mut late = Replica::of(&database);
        late.runs(101);
        assert!(open(&late, SIGNATURE_REFUSALS));
        one.runs(103);
        other.runs(105);
        assert!(open(&other, SIGNATURE_REFUSALS));
    }

    /// Ends with the next look at the past, whatever connected accounts are paid meanwhile.
    #[test]
    fn only_connected_accounts_events_are_a_trouble_until_an_own_one_comes() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = Replica::of(&folder.path().join("donations.db"));
        let (state, runs) = (State::Ignored(IgnoredReason::ConnectedAccount), 60);
        let of_account =
            |id: &str| Event { account: Some(text("acct_1")), state, facts: None, ..an_event(id) };
        let mut record = |event: Event, second: i64| {
            let received_at = UnixSeconds::new(1_000_000 + second).unwrap();
            let entries = batch([Event { received_at, ..event }]);
            let recorded = one.watch.store.record(&entries, received_at);
            shard::runtime().unwrap().block_on(recorded).unwrap();
            for look in 0..runs {
                one.runs(second + look * seconds(LOOK_EVERY));
            }
            one.alert()
        };
        let alert = record(of_account("evt_1"), 0);
        let only = matches!(&alert.alert, Alert::ConnectedAccountsOnly { account, events: 1, .. }
            if *account == AccountPath::new("acct_1"));
        assert!(only && alert.open, "{alert:?}");
        let alert = record(of_account("evt_2"), 300);
        assert!(matches!(alert.alert, Alert::ConnectedAccountsOnly { events: 2, .. }), "{alert:?}");
        assert!(alert.open);
        assert!(!record(an_event("evt_3"), 600).open);
        assert!(!record(of_account("evt_4"), 900).open);
    }

    /// It was told directly, so its end must be told as well.
    #[test]
    fn a_store_that_was_away_is_a_trouble_with_an_end_even_where_nothing_was_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (database, away) = (folder.path().join("donations.db"), folder.path().join("away"));
        let mut one = Replica::of(&database);
        one.runs(0);
        fs::rename(&database, &away).unwrap();
        one.runs(5);
        let unstored = one.watch.unstored.lock().unwrap().clone();
        assert!(matches!(unstored, Some(Alert::StoreUnavailable { refused: 0, .. })));
        fs::rename(&away, &database).unwrap();
        one.runs(10);
        assert_eq!(*one.watch.unstored.lock().unwrap(), None);
        assert!(open(&one, STORE_UNAVAILABLE));
        for second in every_look(15, 15 + subsides_after() + seconds(LOOK_EVERY)) {
            one.runs(second);
        }
        assert!(!open(&one, STORE_UNAVAILABLE));
        assert_eq!(one.alert().count, 1);
    }

    fn open(replica: &Replica, key: &str) -> bool {
        let store = &replica.watch.store;
        let alerts = shard::runtime().unwrap().block_on(store.alerts(9)).unwrap();
        alerts.iter().any(|it| it.open && it.key == key)
    }
}
