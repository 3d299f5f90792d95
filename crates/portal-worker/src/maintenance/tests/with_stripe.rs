//! Care with a key for Stripe's API.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::time;
use jiff::tz::TimeZone;
use portal_contract::{Call, FakeChance, an_event, block_on, everything, text};
use portal_domain::digest::Schedule;
use portal_domain::read_budget::BUDGET;
use portal_domain::report::Verdict;
use portal_domain::{
    DonationFilter, Event, Inbox as _, Ledger as _, Origin, Payload, Reports as _, State,
    StoreError,
};
use portal_outbound::{ApiKey, DEADLINE, Host, HttpTransport, Pace, StripeApi, Url};
use portal_service::{StripeAccess, StripePoller};
use portal_testkit::stripe::{Account, CLOVER, Fault, Resource, Server};

use super::{Isolate, START, a_dispute};
use crate::maintenance::FETCHED_AT_ONCE;

const KEY: &str = "rk_test_of_these_tests";

const HOUR: i64 = 3600;

/// Waits for nothing.
struct NoPause;

#[async_trait]
impl Pace for NoPause {
    async fn pause(&self, _: Duration) {}
}

impl Isolate {
    /// With a key for `account`, whose API is there as long as the server is.
    fn asking(mut self, account: Account) -> (Self, Server) {
        let stripe = Server::start(account, KEY, self.clock.seconds()).unwrap();
        let (key, base) = (ApiKey::parse(KEY).unwrap(), Url::parse(&stripe.base()).unwrap());
        let host = Host {
            clock: Arc::new(self.clock.clone()),
            chance: Arc::new(FakeChance::default()),
            pace: Arc::new(NoPause),
        };
        let api = StripeApi::new(&key, &base, Arc::new(HttpTransport::new(DEADLINE)), host);
        let access = StripeAccess {
            stripe: Arc::new(api),
            livemode: key.livemode(),
            budget: BUDGET,
            webhook_url: None,
        };
        let (store, clock) = (Arc::clone(&self.store) as _, Arc::new(self.clock.clone()));
        let chance = Arc::new(FakeChance::default());
        self.care.poller = Some(StripePoller::new(access, store, clock, chance));
        (self, stripe)
    }

    /// Does the work of each minute, for this many minutes.
    fn is_cared_for(&self, minutes: i64) {
        for _ in 0..minutes {
            block_on(self.care.each_minute());
            self.minutes_pass(1);
        }
    }

    /// A thin event of that payment is recorded.
    fn is_told_thin(&self, id: &str, payment: &str) {
        let event = Event {
            payload: Payload::Thin,
            event_type: text("v1.payment_intent.succeeded"),
            object_id: Some(text(payment)),
            facts: None,
            api_version: None,
            state: State::AwaitingObject { was_dead: false },
            ..an_event(id)
        };
        self.records(event).unwrap();
    }

    /// The ids of all donations, sorted.
    fn donations(&self) -> Vec<String> {
        let all = block_on(self.store.donations(&DonationFilter::default(), None, 1000)).unwrap();
        let mut ids: Vec<_> = all.iter().map(|it| it.id.as_str().to_owned()).collect();
        ids.sort();
        ids
    }

    /// Counts the calls of the store during `done`.
    fn calls(&self, done: impl FnOnce()) -> usize {
        const PLANNED: usize = 100;
        (0..PLANNED).for_each(|_| self.store.plan(Call::Works));
        self.store.plan(Call::Fails(StoreError::Busy));
        done();
        let left = (0..).take_while(|_| block_on(self.store.backlog()).is_ok()).count();
        PLANNED - left
    }
}

fn account() -> Account {
    Account::in_test_mode(CLOVER)
}

#[test]
fn what_was_never_delivered_is_here_within_minutes_and_a_report_says_so() {
    let mut account = account();
    account.one_time(START - HOUR, 5000, "jpy");
    account.subscription_payment(START - 2 * HOUR, 2500, "usd");
    let due: Vec<_> = account.donations(START).into_iter().map(|it| it.id).collect();
    let (isolate, _stripe) = Isolate::new().asking(account);

    isolate.is_cared_for(10);
    assert_eq!(isolate.donations(), due);
    let events = block_on(isolate.store.events(&everything())).unwrap();
    assert!(events.iter().all(|it| it.origin == Origin::Reconciled), "nobody has delivered any");
    let reports = block_on(isolate.store.reports(None, 10)).unwrap();
    let [(1, report)] = &*reports else { panic!("{} reports", reports.len()) };
    assert_eq!((report.verdict(), report.shown), (Verdict::Complete, 2));
}

#[test]
fn the_object_of_a_thin_event_is_fetched_when_the_answer_is_out() {
    let mut account = account();
    let payment = account.one_time(START - 5, 5000, "jpy");
    let (isolate, _stripe) = Isolate::new().asking(account);
    isolate.is_told_thin("evt_thin", &payment);
    isolate.follows_up();
    assert_eq!(isolate.state("evt_thin"), State::Processed);
    assert_eq!(isolate.donations(), [payment]);
}

#[test]
fn an_object_that_could_not_be_fetched_is_fetched_within_minutes() {
    let mut account = account();
    let payment = account.one_time(START - 5, 5000, "jpy");
    let (isolate, stripe) = Isolate::new().asking(account);
    stripe.always(Resource::PaymentIntents, Fault::NotAllowed);
    isolate.is_told_thin("evt_thin", &payment);
    isolate.follows_up();
    assert_eq!(isolate.state("evt_thin"), State::AwaitingObject { was_dead: false });
    stripe.always(Resource::PaymentIntents, Fault::None);
    isolate.minutes_pass(1);
    isolate.is_cared_for(1);
    assert_eq!(isolate.state("evt_thin"), State::Processed);
}

#[test]
fn without_a_key_a_thin_event_awaits_its_object() {
    let isolate = Isolate::new();
    isolate.is_told_thin("evt_thin", "pi_1");
    isolate.follows_up();
    isolate.is_cared_for(3);
    assert_eq!(isolate.state("evt_thin"), State::AwaitingObject { was_dead: false });
}

#[test]
fn a_minute_with_everything_to_do_takes_no_more_calls_than_the_free_plan_has() {
    let mut account = account();
    let first = START - 71 * HOUR;
    (0..59).for_each(|second| drop(account.one_time(first + second, 5000, "jpy")));
    let payment = account.one_time(first, 5000, "jpy");
    // Some minutes after the first one.
    let digest = Schedule { at: time(9, 0, 0, 0), zone: TimeZone::UTC };
    let (isolate, stripe) = Isolate::with_digest(Some(digest)).asking(account);
    let mut calls = Vec::new();
    while block_on(isolate.store.reports(None, 1)).unwrap().is_empty() {
        let minute = calls.len();
        isolate
            .records(a_dispute(&format!("evt_dispute_{minute}"), &format!("du_{minute}")))
            .unwrap();
        for it in 0..FETCHED_AT_ONCE {
            isolate.is_told_thin(&format!("evt_thin_{minute}_{it}"), &payment);
        }
        let reads_before = stripe.requests().len();
        let of_store = isolate.calls(|| isolate.is_cared_for(1));
        let reads = stripe.requests().len() - reads_before;
        calls.push(of_store + reads + isolate.told().len());
        assert!(calls.len() < 30, "{calls:?}");
    }
    assert!(calls.iter().all(|it| *it <= 50), "{calls:?}");
}
