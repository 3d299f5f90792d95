//! `doctor`, beside a stand-in for Stripe's API and a running server.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use portal_contract::block_on;
use portal_testkit::stripe::{
    ACACIA, Account, CLOVER, Endpoint, Fault, Resource, Server as StandIn,
};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::event::{self, OTHER_SECRET, SECRET};
use crate::support::home::{On, PROGRAM, Said, TestHome, finish};
use crate::support::http::WEBHOOK;
use crate::support::server::Server;
use crate::support::{Result, clock};

const KEY: &str = "rk_live_0123456789canary4471";

/// A well-formed webhook URL; nothing is posted to it.
const SLACK: &str = "https://hooks.slack.com/services/T0/B0/canary4471";

/// The time that a server has to compare an empty account.
const REPORT_LIMIT: Duration = Duration::from_secs(60);

/// All checks, in the order of the output.
const CHECKS: [&str; 17] = [
    "settings",
    "secrets",
    "key",
    "database",
    "ledger",
    "disk",
    "rights",
    "clock",
    "endpoint",
    "versions",
    "job",
    "budget",
    "report",
    "provisional",
    "accounts",
    "delivery",
    "channels",
];

/// A running server with a stand-in for Stripe that has its endpoint.
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
        let portal = Self { home, stripe, clock, server };
        let types = portal_domain::event_types::MONEY_TYPES.map(str::to_owned).into();
        portal.stripe.account().endpoints = vec![Endpoint {
            id: "we_1".into(),
            url: portal.url(),
            status: "enabled",
            enabled_events: types,
            api_version: Some(CLOVER),
            livemode: true,
        }];
        Ok(portal)
    }

    fn new() -> Result<Self> {
        Self::with(TestHome::new()?, |_, _| {})
    }

    fn url(&self) -> String {
        format!("http://{}{WEBHOOK}", self.server.address)
    }

    /// Returns a `doctor` command with everything configured.
    fn doctor(&self, args: &[&str]) -> Command {
        let mut command = self.home.configured(PROGRAM, &[&["doctor"], args].concat());
        command
            .env("STRIPE_SECRET_KEY", KEY)
            .env("STRIPE_API_BASE", self.stripe.base())
            .env("WEBHOOK_URL", self.url())
            .env("SLACK_WEBHOOK_URL", SLACK);
        command
    }
}

/// The findings of a command.
struct Found {
    code: Option<i32>,
    lines: Vec<Value>,
}

impl Found {
    fn by(command: &mut Command) -> Result<Self> {
        let said = finish(command.args(["--format", "json"]))?;
        assert_secret(&said);
        assert_eq!(said.stderr, "");
        Ok(Self { code: said.code, lines: crate::cli::lines(&said)? })
    }

    /// Returns the level of each finding of this check.
    fn levels(&self, check: &str) -> Vec<&str> {
        self.of(check).iter().filter_map(|it| it["level"].as_str()).collect()
    }

    fn of(&self, check: &str) -> Vec<&Value> {
        self.lines.iter().filter(|it| it["check"] == check).collect()
    }

    /// Returns the only finding that is wrong, and asserts that the command exited with 1.
    #[track_caller]
    fn only_wrong(&self, check: &str) -> &Value {
        let wrong: Vec<&Value> = self.lines.iter().filter(|it| it["level"] == "wrong").collect();
        assert_eq!(self.code, Some(1), "{:#?}", self.lines);
        assert_eq!(wrong.len(), 1, "{wrong:#?}");
        assert_eq!(wrong[0]["check"], check, "{wrong:#?}");
        assert_eq!(wrong[0]["runbook"], format!("doctor, {check}"));
        wrong[0]
    }
}

#[track_caller]
fn assert_secret(said: &Said) {
    for secret in ["canary4471", SECRET, OTHER_SECRET] {
        assert!(!said.all().contains(secret), "{secret}: {}", said.all());
    }
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
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!(found.code, Some(0), "{:#?}", found.lines);
    let mut checks: Vec<&str> = found.lines.iter().filter_map(|it| it["check"].as_str()).collect();
    checks.dedup();
    assert_eq!(checks, CHECKS);
    for line in &found.lines {
        // The free space depends on the machine.
        assert!(line["level"] == "ok" || line["check"] == "disk", "{line}");
    }
    assert_eq!(found.levels("rights").len(), 7);
    assert!(block_on(store.spend(0, clock::now()?))? >= before + 7, "the reads count");
    let events = portal.home.list(&[])?;
    assert_eq!(events[0]["type"], "donation_portal.doctor");
    assert_eq!(events[0]["state"], "ignored");
    assert_eq!(events.len(), 1);
    Ok(())
}

#[test]
fn a_line_of_json_holds_to_its_contract() -> Result {
    let portal = Portal::new()?;
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!(
        found.of("secrets")[0],
        &json!({
            "check": "secrets", "level": "ok", "found": "1 signing secret set",
            "advice": null, "runbook": null,
        })
    );
    for line in &found.lines {
        let keys: Vec<&String> = line.as_object().into_iter().flatten().map(|it| it.0).collect();
        assert_eq!(keys, ["check", "level", "found", "advice", "runbook"]);
        let is_ok = line["level"] == "ok";
        assert_eq!(line["runbook"].is_null(), is_ok, "{line}");
        assert!(is_ok || line["advice"].is_string(), "{line}");
    }
    Ok(())
}

#[test]
fn for_people_each_finding_is_a_line_with_what_to_do_below() -> Result {
    let portal = Portal::new()?;
    let said = finish(portal.doctor(&[]).env("STRIPE_SECRET_KEY", "sk_live_0123456789"))?;
    assert_eq!(said.code, Some(1), "Stripe does not know that key");
    let mut lines = said.stdout.lines().skip_while(|it| !it.contains("key  "));
    let mut next = || lines.next().unwrap_or_default();
    assert_eq!(
        next(),
        "warning      key          sk_live_…6789, a key for live mode with all permissions"
    );
    let advice = next();
    assert!(advice.starts_with("                          make a restricted key"), "{advice}");
    assert!(advice.ends_with(" (runbook: doctor, key)"), "{advice}");
    assert!(next().starts_with("ok           database     sqlite://"));
    Ok(())
}

/// In an incident `doctor` is run again and again: its forged delivery is known as such, which raises no
/// alert, and its events push no other out of the list.
#[test]
fn its_own_deliveries_count_as_no_refusal_and_fill_no_list() -> Result {
    let portal = Portal::new()?;
    assert_eq!(portal.server.deliver(event::payment("evt_1"))?.status, 200);
    for _ in 0..6 {
        assert_eq!(Found::by(&mut portal.doctor(&[]))?.levels("delivery"), ["ok"]);
    }
    let listed = portal.home.list(&["--limit", "3"])?;
    assert_eq!(listed.iter().map(|it| &it["id"]).collect::<Vec<_>>(), ["evt_1"]);
    let of_doctor = portal.home.list(&["--type", "donation_portal.doctor"])?;
    assert!(!of_doctor.is_empty());
    let logged = portal.server.logged(|line| line["reason"] == "self_test")?;
    assert_eq!(logged["level"], "INFO");
    Ok(())
}

#[test]
fn a_secret_that_the_server_lacks_is_wrong() -> Result {
    let portal = Portal::new()?;
    let two = format!("{SECRET},{OTHER_SECRET}");
    let found = Found::by(portal.doctor(&[]).env("STRIPE_WEBHOOK_SECRET", two))?;
    let wrong = found.only_wrong("delivery");
    assert_eq!(wrong["found"], "the server rejects a delivery signed with signing secret 2 (400)");
    Ok(())
}

#[test]
fn a_public_url_that_leads_elsewhere_is_wrong() -> Result {
    let portal = Portal::new()?;
    let url = format!("http://{}/api/webhooks", portal.server.address);
    portal.stripe.account().endpoints[0].url.clone_from(&url);
    let found = Found::by(portal.doctor(&[]).env("WEBHOOK_URL", url))?;
    let wrong = found.only_wrong("delivery");
    assert!(wrong["advice"].as_str().is_some_and(|it| it.contains(WEBHOOK)), "{wrong}");
    Ok(())
}

#[test]
fn a_disabled_endpoint_is_wrong() -> Result {
    let portal = Portal::new()?;
    portal.stripe.account().endpoints[0].status = "disabled";
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("endpoint");
    assert!(wrong["found"].as_str().is_some_and(|it| it.contains("(we_1) is disabled")), "{wrong}");
    Ok(())
}

#[test]
fn the_missing_event_types_are_named() -> Result {
    let portal = Portal::new()?;
    portal.stripe.account().endpoints[0].enabled_events.retain(|it| it != "refund.failed");
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!((found.code, found.levels("endpoint")), (Some(0), vec!["warning"]));
    let text = found.of("endpoint")[0]["found"].as_str().unwrap_or_default();
    assert!(text.ends_with(": refund.failed"), "{text}");
    Ok(())
}

#[test]
fn two_endpoints_of_different_versions_are_wrong() -> Result {
    let portal = Portal::new()?;
    let first = portal.stripe.account().endpoints[0].clone();
    let old = Endpoint { id: "we_2".into(), api_version: Some(ACACIA), ..first.clone() };
    portal.stripe.account().endpoints.push(old);
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("endpoint");
    assert!(wrong["found"].as_str().is_some_and(|it| it.contains("(we_2)")), "{wrong}");
    assert!(wrong["advice"].as_str().is_some_and(|it| it.contains("disable the old one")));
    let twin = Endpoint { id: "we_2".into(), ..first };
    portal.stripe.account().endpoints[1] = twin;
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!((found.code, found.levels("endpoint")), (Some(0), vec!["warning"]));
    Ok(())
}

#[test]
fn a_version_that_links_no_renewal_is_named() -> Result {
    let portal = Portal::new()?;
    let mut event: Value = serde_json::from_str(&event::gift("1"))?;
    event["api_version"] = "2025-04-30.basil".into();
    portal.server.deliver(event.to_string())?;
    let found = Found::by(portal.doctor(&[]).env("STRIPE_SECRET_KEY", ""))?;
    assert_eq!(found.levels("versions"), ["warning"]);
    let text = found.of("versions")[0]["found"].as_str().unwrap_or_default();
    assert!(
        text.starts_with("1 event of 7 days arrived in API version 2025-04-30.basil"),
        "{text}"
    );

    portal.stripe.account().endpoints[0].api_version = Some("2025-04-30.basil");
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!(found.levels("versions"), ["ok", "ok"], "Stripe is asked for the links");
    let text = found.of("versions")[0]["found"].as_str().unwrap_or_default();
    assert!(text.starts_with("the endpoint (we_1) uses API version"), "{text}");
    Ok(())
}

#[test]
fn where_only_connected_accounts_events_come_that_is_wrong() -> Result {
    let portal = Portal::new()?;
    for (name, account) in [("1", "acct_1"), ("2", "acct_2")] {
        let mut event: Value = serde_json::from_str(&event::gift(name))?;
        event["account"] = account.into();
        portal.server.deliver(event.to_string())?;
    }
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("accounts");
    let text = wrong["found"].as_str().unwrap_or_default();
    assert!(text.contains("2 events about money of connected accounts ignored in "), "{text}");
    assert!(
        text.ends_with(", of acct_1, acct_2; no event of the portal's own account arrived"),
        "{text}"
    );

    portal.server.deliver(event::gift("3"))?;
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!((found.code, found.levels("accounts")), (Some(0), vec!["ok"]));
    let text = found.of("accounts")[0]["found"].as_str().unwrap_or_default();
    assert!(text.contains("2 events about money of connected accounts ignored in "), "{text}");
    Ok(())
}

#[test]
fn a_permission_that_the_key_lacks_is_named() -> Result {
    let portal = Portal::new()?;
    portal.stripe.always(Resource::InvoicePayments, Fault::NotAllowed);
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("rights");
    assert!(wrong["advice"].as_str().is_some_and(|it| it.contains("Invoices: Read")), "{wrong}");
    assert_eq!(found.levels("rights"), ["ok", "ok", "ok", "wrong", "ok", "ok", "ok"]);
    Ok(())
}

#[test]
fn a_key_that_stripe_does_not_know_is_wrong_and_tried_once() -> Result {
    let portal = Portal::new()?;
    let found = Found::by(portal.doctor(&[]).env("STRIPE_SECRET_KEY", "rk_live_canary4471x"))?;
    let wrong = found.only_wrong("rights");
    assert!(wrong["found"].as_str().is_some_and(|it| it.contains("(401)")), "{wrong}");
    assert_eq!(portal.stripe.requests().len(), 1);
    assert_eq!(found.levels("clock"), ["not_checked"]);
    assert_eq!(found.levels("endpoint"), ["not_checked"]);
    Ok(())
}

#[test]
fn a_clock_that_differs_from_that_of_stripe_is_a_warning_and_beyond_the_tolerance_wrong() -> Result
{
    let portal = Portal::new()?;
    portal.clock.fetch_add(100, Ordering::SeqCst);
    let found = Found::by(&mut portal.doctor(&[]))?;
    assert_eq!((found.code, found.levels("clock")), (Some(0), vec!["warning"]));
    portal.clock.fetch_sub(1000, Ordering::SeqCst);
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("clock");
    assert!(wrong["found"].as_str().is_some_and(|it| it.contains(" ahead of ")), "{wrong}");
    Ok(())
}

#[test]
fn without_a_key_stripe_is_not_asked_and_the_findings_name_what_is_not_done() -> Result {
    let portal = Portal::new()?;
    let found = Found::by(portal.doctor(&[]).env("STRIPE_SECRET_KEY", ""))?;
    assert_eq!(found.code, Some(0), "{:#?}", found.lines);
    assert_eq!(found.levels("key"), ["warning"]);
    for check in ["rights", "clock", "endpoint", "job", "budget", "report"] {
        assert_eq!(found.levels(check), ["not_checked"], "{check}");
    }
    assert_eq!(found.levels("delivery"), ["ok"]);
    assert_eq!(portal.stripe.requests(), []);
    Ok(())
}

#[test]
fn a_provisional_donation_is_counted_and_so_is_an_event_that_awaits_its_object() -> Result {
    let portal = Portal::new()?;
    for name in [
        "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json",
        "thin/v1.payment_intent.succeeded.json",
    ] {
        portal.server.deliver(event::sample(name)?.body)?;
    }
    let found = Found::by(portal.doctor(&[]).env("STRIPE_SECRET_KEY", ""))?;
    assert_eq!(found.levels("provisional"), ["warning"]);
    assert_eq!(found.levels("database"), ["ok", "warning"]);
    Ok(())
}

#[test]
fn a_donation_whose_stored_values_do_not_follow_from_the_ledger_is_wrong() -> Result {
    let portal = Portal::new()?;
    let name = "2025-09-30.clover/payment_intent.succeeded.one_time.jpy.json";
    portal.server.deliver(event::sample(name)?.body)?;
    Connection::open(portal.home.database())?.execute_batch("update payment set refunded = 700")?;
    let found = Found::by(&mut portal.doctor(&[]))?;
    let wrong = found.only_wrong("ledger");
    assert_eq!(wrong["found"], "1 row with stored values that do not follow from the ledger");
    let advice = wrong["advice"].as_str().unwrap_or_default();
    assert!(advice.contains("`donation-portal ledger check`"), "{advice}");
    Ok(())
}

#[test]
fn a_database_that_is_not_there_is_wrong_and_all_else_is_looked_at() -> Result {
    let portal = Portal::new()?;
    let missing = format!("sqlite://{}", portal.home.path("gone.db").display());
    let found = Found::by(portal.doctor(&[]).env("DATABASE_URL", missing))?;
    let wrong = found.only_wrong("database");
    assert!(wrong["advice"].as_str().is_some_and(|it| it.contains("put the file back")), "{wrong}");
    assert_eq!(found.levels("rights"), ["ok"; 7]);
    for check in ["ledger", "report", "accounts"] {
        assert_eq!(found.levels(check), ["not_checked"], "{check}");
    }
    assert!(!portal.home.path("gone.db").exists());
    Ok(())
}

#[test]
fn a_configuration_that_makes_no_sense_is_found_and_not_shown() -> Result {
    let portal = Portal::new()?;
    let mut doctor = portal.doctor(&[]);
    doctor
        .env("RUST_LOG", "canary4471")
        .env("STRIPE_WEBHOOK_SECRET", "canary4471 ")
        .env("STRIPE_SECRET_KEY", "pk_live_canary4471")
        .env("DATABASE_URL", "mysql://canary4471")
        .env("WEBHOOK_URL", "http://portal.example.org/canary4471")
        .env("SLACK_WEBHOOK_URL", "ftp://example.org/canary4471");
    let found = Found::by(&mut doctor)?;
    assert_eq!(found.code, Some(1));
    for check in ["settings", "secrets", "key", "database", "endpoint", "channels"] {
        assert_eq!(found.levels(check), ["wrong"], "{check}");
    }
    assert_eq!(found.levels("delivery"), ["not_checked"]);
    Ok(())
}
