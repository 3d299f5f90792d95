use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_contract::{Call, FakeClock, Lossy, an_event, batch, block_on, text};
use portal_domain::event_types::{EVENT_TYPES, EventGroup};
use portal_domain::log_names::LogReason;
use portal_domain::payouts::read_window;
use portal_domain::signature_history::SignatureHistory;
use portal_domain::stripe::Window;
use portal_domain::{
    ActionResult, ActionVerb, Alert, AlertChange, AnswerOutcome, Answered, Clock as _, Event,
    EventId, MatchedSecrets, NotAnEvent, NotifyError, Observe as _, ReadError, Report, Resource,
    Secrets, SignatureRefusal, State, Store, StoreError, Unavailable,
};
use portal_sqlite::SqliteStore;
use snapbox::{Assert, Data};
use strum::VariantNames;

use super::{GaugesJob, HostReadings, Metrics, ProcessReadings};
use crate::Troubles;
use crate::settings::{InvalidValue, ServiceConfig, SettingError, Settings};

/// The most series that a process may have, whatever comes: so many cost Prometheus nothing.
const SERIES_MAX: usize = 600;

/// The configured channels, at most: eight of each kind.
const CHANNELS: usize = 24;

/// The deliveries of random types, of which a test of an optimized build has a million.
const DELIVERIES: u64 = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };

struct Process {
    troubles: Arc<Troubles>,
    store: Arc<Lossy<Arc<dyn Store>>>,
    clock: FakeClock,
    gauges: Arc<GaugesJob>,
    metrics: Metrics,
    fingerprints: Vec<Box<str>>,
    _folder: tempfile::TempDir,
}

struct Given;

impl Settings for Given {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        let given = match name {
            "STRIPE_SECRET_KEY" => Some("rk_test_0123456789abcdef"),
            "WEBHOOK_URL" => Some("https://portal.example/api/webhooks/stripe"),
            _ => None,
        };
        Ok(given.map(str::to_owned))
    }

    fn zone(&self, _: &str) -> Result<TimeZone, InvalidValue> {
        Ok(TimeZone::UTC)
    }
}

impl Process {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&folder.path().join("inbox.db")).unwrap());
        let (store, clock) = (Arc::new(Lossy::new(store)), FakeClock::at(1_800_000_000));
        let secrets: Vec<_> = (0..8).map(|it| format!("whsec_0123456{it}")).collect();
        let secrets = Secrets::new(&secrets.join(",")).unwrap();
        let fingerprints = secrets.iter().map(|it| it.fingerprint().into()).collect();
        let config = ServiceConfig::read(&Given, secrets);
        let every = SignedDuration::from_secs(15);
        let seen = Arc::clone(&store) as Arc<dyn Store>;
        let gauges = GaugesJob::new(&config.unwrap(), seen, Arc::new(clock.clone()), every);
        let (gauges, troubles) = (Arc::new(gauges), Troubles::new(Arc::new(clock.clone())));
        let troubles = Arc::new(troubles);
        let host = || HostReadings {
            store_bytes: Some(1),
            disk_free_bytes: Some(1),
            ..HostReadings::default()
        };
        let process = || ProcessReadings {
            resident_bytes: Some(1),
            open_files: Some(1),
            open_files_max: Some(1),
            ..ProcessReadings::default()
        };
        let metrics = Metrics::of_store("1.2.3", "sqlite", Arc::clone(&gauges))
            .with_process(&troubles, host, process);
        Self { troubles, store, clock, gauges, metrics, fingerprints, _folder: folder }
    }

    /// Returns the text after a look at the store.
    fn text(&self) -> String {
        self.clock.pass(60);
        block_on(self.gauges.tick());
        block_on(self.metrics.text())
    }

    /// Returns the lines of all series.
    fn series(&self) -> Vec<String> {
        self.text().lines().filter(|it| !it.starts_with('#')).map(str::to_owned).collect()
    }

    /// Returns the value of a series.
    fn value(&self, series: &str) -> Option<String> {
        let series = format!("donation_portal_{series} ");
        self.series().iter().find_map(|it| it.strip_prefix(&series).map(str::to_owned))
    }

    fn answered(&self, outcome: AnswerOutcome, reason: Option<&'static str>, elapsed: Duration) {
        self.troubles.answered(&Answered { outcome, reason, event: None, elapsed });
    }

    /// A delivery has recorded this new event.
    fn recorded(&self, event: &Event, elapsed: Duration) {
        let outcome = AnswerOutcome::Recorded;
        self.troubles.answered(&Answered { outcome, reason: None, event: Some(event), elapsed });
    }

    /// Does once all that is counted by a label.
    fn do_everything(&self) {
        for outcome in AnswerOutcome::ALL {
            self.answered(*outcome, None, Duration::from_millis(3));
        }
        let unread = [LogReason::PayloadTooLarge, LogReason::BodyInterrupted].map(LogReason::name);
        let rejected = [SignatureRefusal::NAMES, NotAnEvent::NAMES, &unread].concat();
        let memory = [LogReason::BodyMemory.name()];
        let unavailable = [Unavailable::NAMES, StoreError::NAMES, &memory].concat();
        for (outcome, reasons) in
            [(AnswerOutcome::Rejected, rejected), (AnswerOutcome::Unavailable, unavailable)]
        {
            let took = Duration::from_secs(9);
            reasons.iter().for_each(|it| self.answered(outcome, Some(it), took));
        }
        self.troubles.accepted(MatchedSecrets::from_number(u8::MAX));
        let counts = self.troubles.counts();
        for channel in 0..CHANNELS {
            for result in NotifyError::NAMES.iter().chain(&["done"]) {
                counts.notified(&format!("discord-{channel}"), result, Duration::ZERO);
            }
        }
        for result in ReadError::NAMES.iter().chain(&["done"]) {
            Resource::ALL.iter().for_each(|it| counts.read(it.name(), result, Duration::ZERO));
        }
        for surface in ["pages", "api", "assets", "metrics"] {
            ["2xx", "3xx", "4xx", "5xx"].iter().for_each(|it| counts.operator_request(surface, it));
        }
        for result in <ActionResult as VariantNames>::VARIANTS {
            ActionVerb::NAMES.iter().for_each(|it| counts.operator_action(it, result));
        }
    }

    fn has_a_past(&self) {
        let (now, store): (_, &dyn Store) = (self.clock.now(), &*self.store);
        // Enough to know which silence is usual.
        for back in (0..60).rev() {
            let received_at = now.after(SignedDuration::from_hours(-4 * back));
            let event = Event { received_at, ..an_event(&format!("evt_{back}")) };
            block_on(store.record(&batch([event]), now)).unwrap();
        }
        let mut signed = SignatureHistory::default();
        signed.accepted(1, self.fingerprints.iter().map(|it| &**it), now);
        let signed = serde_json::to_string(&signed).unwrap();
        let clock = r#"{"clock": {"ahead_seconds": 1, "at": 1}}"#;
        for (job, state) in [
            ("stripe_live", clock),
            ("stripe_test", clock),
            ("endpoint_test", r#"{"seen_at": 1}"#),
            ("signatures", &signed),
            ("payouts_live", ""),
            ("payouts_test", ""),
            ("figures", ""),
            ("backup", ""),
            ("doctor", ""),
        ] {
            let lease = SignedDuration::from_secs(1);
            let leased = block_on(store.lease_job(job, lease, now)).unwrap().unwrap();
            block_on(store.save_job(job, leased.lease, state, now)).unwrap();
        }
        let window = Window { since: now, until: now };
        for livemode in [true, false] {
            block_on(read_window::extend(store, livemode, window, now)).unwrap();
            block_on(store.file_report(&Report::new(window, livemode))).unwrap();
        }
        let alert = Alert::Silence { last_received_at: now, usual_seconds: 1 };
        block_on(store.raise(&[AlertChange::Raise(alert)], now)).unwrap();
    }
}

/// An event of a type that somebody has made up.
fn of_type(name: &str, number: u64) -> Event {
    let id: EventId = text(&format!("evt_{number}"));
    Event { id, event_type: text(name), state: State::Processed, ..an_event("evt_1") }
}

#[test]
fn whatever_comes_a_process_has_few_series() {
    let process = Process::new();
    process.do_everything();
    process.has_a_past();
    EVENT_TYPES.iter().for_each(|it| process.recorded(&of_type(it.name, 0), Duration::ZERO));
    let before = process.series();
    assert!(before.len() <= SERIES_MAX, "{} series", before.len());
    let mut chance: u64 = 1;
    for number in 0..DELIVERIES {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let event = of_type(&format!("canary.{chance:x}.happened"), number);
        process.recorded(&event, Duration::from_nanos(chance >> 32));
        process.troubles.accepted(MatchedSecrets::from_number(chance.to_be_bytes()[0]));
    }
    let after = process.series();
    let names = |all: &[String]| -> Vec<String> {
        all.iter().filter_map(|it| Some(it.rsplit_once(' ')?.0.to_owned())).collect()
    };
    assert_eq!(names(&before), names(&after));
    assert!(!after.iter().any(|it| it.contains("canary")));
    let others = r#"events_recorded_total{type="other"}"#;
    // Types that Stripe is not asked for have no series either.
    let unlisted = EVENT_TYPES.iter().filter(|it| it.group == EventGroup::Unlisted).count() as u64;
    assert_eq!(process.value(others), Some((DELIVERIES + unlisted).to_string()));
}

/// `docs/metrics.txt` is what rules, dashboards and their tests rest on.
#[test]
fn every_metric_stands_in_the_list_of_metrics() {
    let process = Process::new();
    process.do_everything();
    process.has_a_past();
    let text = process.text();
    let mut metrics: Vec<_> = text
        .lines()
        .filter_map(|it| it.strip_prefix("# HELP "))
        .map(|it| format!("{}\n", it.trim_end_matches('.').replacen(' ', "  ", 1)))
        .collect();
    metrics.sort();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.txt");
    let kept = Data::read_from(&kept, None);
    Assert::new().action_env("SNAPSHOTS").eq(metrics.concat(), kept);
}

#[test]
fn each_delivery_is_counted_by_its_answer_and_reason() {
    let process = Process::new();
    let took = Duration::from_millis(3);
    process.recorded(&Event { received_at: an_event("evt_1").created, ..an_event("evt_1") }, took);
    process.answered(AnswerOutcome::Rejected, Some("no_match"), took);
    process.answered(AnswerOutcome::Rejected, Some("no_match"), took);
    process.troubles.accepted(MatchedSecrets::from_number(0b101));
    for (series, due) in [
        (r#"deliveries_total{outcome="recorded",reason=""}"#, "1"),
        (r#"deliveries_total{outcome="duplicate",reason=""}"#, "0"),
        (r#"deliveries_total{outcome="rejected",reason="no_match"}"#, "2"),
        (r#"delivery_duration_seconds_bucket{outcome="rejected",le="0.0025"}"#, "0"),
        (r#"delivery_duration_seconds_bucket{outcome="rejected",le="0.005"}"#, "2"),
        (r#"delivery_duration_seconds_count{outcome="rejected"}"#, "2"),
        (r#"delivery_duration_seconds_sum{outcome="rejected"}"#, "0.006"),
        (r#"signature_matches_total{secret="1"}"#, "1"),
        (r#"signature_matches_total{secret="2"}"#, "0"),
        (r#"signature_matches_total{secret="3"}"#, "1"),
        (r#"events_recorded_total{type="payment_intent.succeeded"}"#, "1"),
        ("event_delay_seconds_count", "1"),
    ] {
        assert_eq!(process.value(series).as_deref(), Some(due), "{series}");
    }
}

#[test]
fn the_gauges_are_those_of_the_store_and_are_gone_while_it_fails() {
    let process = Process::new();
    process.has_a_past();
    let now = process.clock.now().get().to_string();
    for (series, due) in [
        ("store_up", "1"),
        (r#"events{state="dead"}"#, "0"),
        (r#"alerts_open{kind="silence"}"#, "1"),
        (r#"alerts_open{kind="dispute"}"#, "0"),
        (r#"report_complete{mode="live"}"#, "1"),
        (r#"balance_read_until_timestamp_seconds{mode="live"}"#, &now),
        (r#"job_last_start_timestamp_seconds{job_name="backup"}"#, &now),
        (r#"job_last_start_timestamp_seconds{job_name="payouts_live"}"#, &now),
        ("stripe_read_budget", "8000"),
    ] {
        assert_eq!(process.value(series).as_deref(), Some(due), "{series}");
    }
    assert_eq!(process.value(r#"job_last_start_timestamp_seconds{job_name="doctor"}"#), None);
    process.store.plan(Call::Fails(StoreError::Unreachable));
    let series = process.series();
    assert!(series.contains(&"donation_portal_store_up 0".to_owned()), "{series:?}");
    assert!(!series.iter().any(|it| it.starts_with("donation_portal_events{")), "{series:?}");
}
