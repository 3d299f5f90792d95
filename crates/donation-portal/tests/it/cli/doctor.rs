//! `doctor`, beside a stand-in for Stripe's API and a running server.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use portal_contract::block_on;
use portal_domain::alert::LikelyCause;
use portal_domain::{Alert, AlertChange};
use portal_testkit::stripe::{
    ACACIA, Account, CLOVER, Endpoint, Fault, Resource, Server as StandIn,
};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::event::{gift, payment, sample};
use crate::support::home::{On, PROGRAM, TestHome, finish};
use crate::support::http::WEBHOOK;
use crate::support::server::Server;
use crate::support::{Result, clock};

const KEY: &str = "rk_live_0123456789canary4471";

/// A well-formed webhook URL; nothing is posted to it.
const SLACK: &str = "https://hooks.slack.com/services/T0/B0/canary4471";

const PAYMENT: &str = "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json";

/// An API version whose events link no payment with its invoice.
const BASIL: &str = "2025-04-30.basil";

/// The time that a server has to compare an empty account.
const REPORT_LIMIT: Duration = Duration::from_secs(60);

/// A running server with a stand-in for Stripe that has its endpoint. `doctor` has everything
/// configured in transcripts.
struct Portal {
    home: TestHome,
    stripe: StandIn,
    /// The time at Stripe, in Unix seconds.
    clock: Arc<AtomicI64>,
    server: Server,
}

impl Portal {
    /// Starts a server with `variables` in its environment.
    fn with(home: TestHome, variables: impl Fn(&mut Command, &StandIn)) -> Result<Self> {
        let clock = Arc::new(AtomicI64::new(clock::now()?.get()));
        let stripe = StandIn::start(Account::live(CLOVER), KEY, Arc::clone(&clock))?;
        let mut command = home.configured(PROGRAM, &["serve"]);
        variables(&mut command, &stripe);
        let server = Server::start(&mut command)?;
        let url = server.url(WEBHOOK);
        stripe.account().endpoints = vec![Endpoint {
            id: "we_1".into(),
            url: url.clone(),
            status: "enabled",
            enabled_events: portal_domain::event_types::MONEY_TYPES.map(str::to_owned).into(),
            api_version: Some(CLOVER),
            livemode: true,
        }];
        let home = home
            .set("STRIPE_SECRET_KEY", KEY)
            .set("STRIPE_API_BASE", stripe.base())
            .set("WEBHOOK_URL", url)
            .set("SLACK_WEBHOOK_URL", SLACK);
        Ok(Self { home, stripe, clock, server })
    }

    fn replay(&self, name: &str) -> Result {
        self.home.replay(name)
    }
}

/// Returns a portal after `change`.
fn after(change: impl FnOnce(&Portal)) -> Result<Portal> {
    let portal = Portal::with(TestHome::new()?, |_, _| {})?;
    change(&portal);
    Ok(portal)
}

/// Returns a portal after `change` of its endpoint at Stripe.
fn with_endpoint(change: impl FnOnce(&mut Endpoint)) -> Result<Portal> {
    after(|it| change(&mut it.stripe.account().endpoints[0]))
}

/// Returns a portal with another endpoint at Stripe, of this API version.
fn with_twin(version: &'static str) -> Result<Portal> {
    after(|it| {
        let mut account = it.stripe.account();
        let twin = account.endpoints[0].clone();
        account.endpoints.push(Endpoint { id: "we_2".into(), api_version: Some(version), ..twin });
    })
}

/// Returns a portal with a clock at Stripe that differs from this machine's by so many seconds.
fn with_clock(difference: i64) -> Result<Portal> {
    after(|it| {
        it.clock.fetch_add(difference, Ordering::SeqCst);
    })
}

/// Returns a portal that received events about gifts, with these values in this field.
fn with_events(field: &str, values: &[&str]) -> Result<Portal> {
    let portal = after(|_| ())?;
    for (number, value) in values.iter().enumerate() {
        let mut event: Value = serde_json::from_str(&gift(&number.to_string()))?;
        event[field] = (*value).into();
        assert_eq!(portal.server.deliver(event.to_string())?.status, 200);
    }
    Ok(portal)
}

/// Returns a portal with an event and an endpoint of a version that links no payment with its invoice.
fn of_version_without_links() -> Result<Portal> {
    let portal = with_events("api_version", &[BASIL])?;
    portal.stripe.account().endpoints[0].api_version = Some(BASIL);
    Ok(portal)
}

/// Returns a portal that received these samples.
fn with_samples(names: &[&str]) -> Result<Portal> {
    let portal = after(|_| ())?;
    for name in names {
        assert_eq!(portal.server.deliver(sample(name)?.body)?.status, 200);
    }
    Ok(portal)
}

transcripts! { "doctor", once;
    || after(|_| ()) =>
        a_line_of_json_holds_to_its_contract
        for_people_each_finding_is_a_line_with_what_to_do_below
        a_secret_that_the_server_lacks_is_wrong
        a_database_that_is_not_there_is_wrong_and_all_else_is_looked_at
        a_configuration_that_makes_no_sense_is_found_and_not_shown;
    || with_endpoint(|it| it.url = it.url.replace("/stripe", "")) =>
        a_public_url_that_leads_elsewhere_is_wrong;
    || with_endpoint(|it| it.status = "disabled") =>
        a_disabled_endpoint_is_wrong;
    || with_endpoint(|it| it.enabled_events.retain(|it| it != "refund.failed")) =>
        the_missing_event_types_are_named;
    || with_twin(ACACIA) =>
        two_endpoints_of_different_versions_are_wrong;
    || with_twin(CLOVER) =>
        two_endpoints_of_one_version_are_a_warning;
    of_version_without_links =>
        a_version_that_links_no_renewal_is_named
        with_a_key_stripe_is_asked_for_the_links_of_such_a_version;
    || with_events("account", &["acct_1", "acct_2"]) =>
        where_only_connected_accounts_events_come_that_is_wrong;
    || after(|it| it.stripe.always(Resource::InvoicePayments, Fault::NotAllowed)) =>
        a_permission_that_the_key_lacks_is_named;
    || with_clock(100) =>
        a_clock_that_differs_from_that_of_stripe_is_a_warning;
    || with_clock(-900) =>
        a_clock_that_differs_by_more_than_the_tolerance_is_wrong;
    || with_samples(&[PAYMENT, "thin/v1.payment_intent.succeeded.json"]) =>
        a_provisional_donation_is_counted_and_so_is_an_event_that_awaits_its_object;
    with_wrong_values =>
        a_donation_whose_stored_values_do_not_follow_from_the_ledger_is_wrong;
}

fn with_wrong_values() -> Result<Portal> {
    let portal = with_samples(&[PAYMENT])?;
    Connection::open(portal.home.database())?.execute_batch("update payment set refunded = 700")?;
    Ok(portal)
}

/// In an incident `doctor` is run again and again: its forged delivery is known as such, which raises no
/// alert, and its events push no other out of the list.
#[test]
fn its_own_deliveries_count_as_no_refusal_and_fill_no_list() -> Result {
    let portal = after(|_| ())?;
    assert_eq!(portal.server.deliver(payment("evt_1"))?.status, 200);
    portal.replay("doctor/its_own_deliveries_count_as_no_refusal_and_fill_no_list")?;
    let logged = portal.server.logged(|line| line["reason"] == "self_test")?;
    assert_eq!(logged["level"], "INFO");
    Ok(())
}

#[test]
fn a_key_that_stripe_does_not_know_is_wrong_and_tried_once() -> Result {
    let portal = after(|_| ())?;
    portal.replay("doctor/a_key_that_stripe_does_not_know_is_wrong_and_tried_once")?;
    assert_eq!(portal.stripe.requests().len(), 1);
    Ok(())
}

#[test]
fn without_a_key_stripe_is_not_asked_and_the_findings_name_what_is_not_done() -> Result {
    let portal = after(|_| ())?;
    portal.replay(
        "doctor/without_a_key_stripe_is_not_asked_and_the_findings_name_what_is_not_done",
    )?;
    assert_eq!(portal.stripe.requests(), []);
    Ok(())
}

on_each_store! {
    where_nothing_is_wrong_every_check_says_so
}

fn where_nothing_is_wrong_every_check_says_so(on: On) -> Result {
    let portal = Portal::with(TestHome::on(on)?, |serve, stripe| {
        serve.env("STRIPE_SECRET_KEY", KEY).env("STRIPE_API_BASE", stripe.base());
    })?;
    let store = portal.home.store()?;
    clock::wait_for("a report", REPORT_LIMIT, || {
        portal.clock.store(clock::now()?.get(), Ordering::SeqCst);
        Ok(block_on(store.reports(None, 1))?.pop())
    })?;
    let before = block_on(store.spend(0, clock::now()?))?;
    portal.replay("doctor/where_nothing_is_wrong_every_check_says_so")?;
    assert!(block_on(store.spend(0, clock::now()?))? >= before + 7, "the reads count");
    Ok(())
}

/// The test delivery is signed with the same secret as the server has, so that it cannot tell.
#[test]
fn deliveries_that_are_refused_are_not_well_although_the_test_delivery_is() -> Result {
    let portal = after(|_| ())?;
    let refused = Alert::SignatureRefusals {
        count: 10,
        accepted: 0,
        window_seconds: 60,
        cause: LikelyCause::WrongSecret,
        ahead_seconds: None,
    };
    block_on(portal.home.store()?.raise(&[AlertChange::Raise(refused)], clock::now()?))?;
    portal.replay("doctor/deliveries_that_are_refused_are_not_well_although_the_test_delivery_is")
}

/// Root may write everything, and so may think that all is well: the server is asked itself.
#[test]
fn the_server_says_itself_whether_it_is_ready() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let doctor = || {
        let mut doctor = home.configured(PROGRAM, &["doctor"]);
        finish(doctor.env("LISTEN_ADDR", server.url("").trim_start_matches("http://")))
    };
    let address = server.url("").replace("http://", "");
    let said = doctor()?;
    assert!(said.stdout.contains(&format!("the server at {address} is ready")), "{}", said.all());
    std::fs::rename(home.database(), home.path("away"))?;
    clock::wait_for("the server to notice", REPORT_LIMIT, || {
        Ok((server.get("/health/ready")?.status == 503).then_some(()))
    })?;
    let said = doctor()?;
    let not_ready = format!("the server at {address} is not ready: store: store_missing");
    assert!(said.stdout.contains(&not_ready), "{}", said.all());
    Ok(())
}
