//! No personal data is stored, logged, answered or printed.

mod evidence;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use crate::support::Result;
use crate::support::channel::{Channel, Mood};
use crate::support::clock::wait_for;
use crate::support::event::{sample, samples};
use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::postgres::{self, Database};
use crate::support::server::Server;
use evidence::Evidence;
use portal_testkit::needles::Needles;
use rusqlite::Connection;
use serde_json::Value;

/// The time within which all notifications must arrive.
const SOON: Duration = Duration::from_secs(30);

/// The level at which a server logs the most.
const TRACE: &str = "trace";

/// Sends every sample through a server in every way, and collects what it stores and prints. Commands,
/// which do not depend on the server's log, are run beside one that logs the most.
fn everything(home: &TestHome, filter: &str) -> Result<Evidence> {
    let slack = Channel::open(Mood::Well)?;
    let serve = || {
        let mut serve = home.configured(PROGRAM, &["serve"]);
        serve.env("RUST_LOG", filter).env("SLACK_WEBHOOK_URL", slack.url());
        // The digest of yesterday is sent at once.
        serve.env("DIGEST_AT", "00:00");
        Server::start(&mut serve)
    };
    let server = serve()?;
    let mut evidence = Evidence::default();
    for sample in samples()? {
        evidence.add_deliveries(&server, &sample)?;
        if filter == TRACE {
            evidence.add_commands(home, &server, &sample)?;
        }
    }
    let told = |what: &str| {
        wait_for(what, SOON, || Ok(slack.texts().iter().any(|it| it.contains(what)).then_some(())))
    };
    told(DISPUTE)?;
    told("refused for their signature")?;
    evidence.add_lists(home)?;
    evidence.add_answer(&server.get("/health")?);
    evidence.add_answer(&server.get("/health/ready")?);
    evidence.add_kept(home)?;
    evidence.add("log", server.stop()?);
    evidence.add_kept(home)?;
    home.has_run_before()?;
    let server = serve()?;
    told("Donations of ")?;
    evidence.add("alerts", slack.texts().join("\n"));
    evidence.add("log", server.stop()?);
    Ok(evidence)
}

/// The places where a store keeps events, donations and alerts.
struct KeptIn {
    events: &'static [&'static str],
    donations: &'static [&'static str],
    alerts: &'static [&'static str],
}

const IN_FILES: KeptIn = KeptIn {
    events: &["file portal.db", "file portal.db-wal"],
    donations: &["file portal.db"],
    alerts: &["file portal.db"],
};

const IN_TABLES: KeptIn = KeptIn {
    events: &["table event", "server's log"],
    donations: &["table payment", "server's log"],
    alerts: &["table alert", "table dispute", "server's log"],
};

/// Asserts that `evidence` has every sample, also in these `further` places; otherwise it was collected
/// from the wrong places. All are searched for in one pass, because the evidence is large.
fn assert_about_every_sample(evidence: &Evidence, kept_in: &KeptIn, further: &[&str]) -> Result {
    let ids: Vec<_> = samples()?.into_iter().map(|it| it.id).collect();
    let all = ids.iter().cloned().chain([DONATION, DISPUTE].map(str::to_owned));
    let needles = Needles::new(all);
    let told = evidence.of(&needles);
    for id in &ids {
        assert_tells(&told, id, &[&["events list", "log"], kept_in.events, further].concat());
    }
    assert_tells(&told, DONATION, &["donations"]);
    assert_tells(&told, DONATION, kept_in.donations);
    assert_tells(&told, DISPUTE, &["alerts", "alerts list"]);
    assert_tells(&told, DISPUTE, kept_in.alerts);
    Ok(())
}

/// Asserts that each of these places tells of `id`.
#[track_caller]
fn assert_tells(told: &BTreeSet<(&str, &str)>, id: &str, places: &[&str]) {
    for place in places {
        assert!(told.contains(&(*place, id)), "{place} does not tell of {id}");
    }
}

/// The ids of a sample's donation and dispute.
const DONATION: &str = "pi_3aXt52hNxFTYBL6golrTVdyZ";
const DISPUTE: &str = "du_164rZ8l3YVXc6gaGTdCLCTPO";

/// Asserts that no canary was found.
fn assert_clean(evidence: &Evidence) -> Result {
    let needles = Needles::of_the_samples()?;
    assert_eq!(evidence.of(&needles), BTreeSet::new(), "found where it must not be");
    Ok(())
}

#[test]
fn no_personal_data_is_stored_or_printed() -> Result {
    let evidence = everything(&TestHome::new()?, "info")?;
    assert_about_every_sample(&evidence, &IN_FILES, &[])?;
    assert_clean(&evidence)
}

#[test]
fn no_personal_data_is_stored_or_printed_at_any_log_level() -> Result {
    let evidence = everything(&TestHome::new()?, TRACE)?;
    assert_about_every_sample(&evidence, &IN_FILES, &["commands"])?;
    assert_clean(&evidence)
}

on_postgres! {
    no_personal_data_is_stored_or_printed_on_a_database_server
    what_is_planted_in_a_table_of_a_server_is_found_there
}

/// The database server logs every statement with its values, and the service logs at level trace.
fn no_personal_data_is_stored_or_printed_on_a_database_server() -> Result {
    let cluster = postgres::start(&[("log_statement", "all"), ("log_parameter_max_length", "-1")])?;
    let home = TestHome::with(Database::new(&cluster)?)?;
    let mut evidence = everything(&home, TRACE)?;
    evidence.add("server's log", fs::read(cluster.folder().join("log"))?);
    assert_about_every_sample(&evidence, &IN_TABLES, &["commands"])?;
    assert_clean(&evidence)?;
    let password = Needles::new([postgres::PASSWORD.to_owned()].into_iter());
    let found: Vec<_> = evidence.of(&password).into_iter().map(|(place, _)| place).collect();
    // The statement that created the role has the password.
    assert_eq!(found, ["server's log"]);
    Ok(())
}

#[test]
fn what_is_planted_in_a_database_is_found_in_its_files() -> Result {
    let needles = Needles::of_the_samples()?;
    let planted = "寄付 花子 Canary-Hanako";
    let home = TestHome::new()?;
    let server = home.serve()?;
    let payment = sample("2024-06-20/payment_intent.succeeded.one_time.jpy.json")?;
    let mut evidence = Evidence::default();
    evidence.add_deliveries(&server, &payment)?;
    evidence.add_kept(&home)?;
    assert_eq!(evidence.of(&needles), BTreeSet::new());

    let connection = Connection::open(home.database())?;
    connection.execute("update event set account = ?1", [planted])?;
    evidence.add_kept(&home)?;
    let expected = BTreeSet::from([("file portal.db-wal", planted)]);
    assert_eq!(evidence.of(&needles), expected);

    drop(connection);
    server.stop()?;
    let mut evidence = Evidence::default();
    evidence.add_kept(&home)?;
    let expected = BTreeSet::from([("file portal.db", planted)]);
    assert_eq!(evidence.of(&needles), expected);
    Ok(())
}

fn what_is_planted_in_a_table_of_a_server_is_found_there() -> Result {
    let planted = "寄付 花子 Canary-Hanako";
    let home = TestHome::on(On::Postgres)?;
    let server = home.serve()?;
    let payment = sample("2024-06-20/payment_intent.succeeded.one_time.jpy.json")?;
    assert_eq!(server.deliver(&payment.body)?.status, 200);
    home.server()?.ask(&format!("update event set account = '{planted}'"))?;
    let mut evidence = Evidence::default();
    evidence.add_kept(&home)?;
    let needles = Needles::of_the_samples()?;
    assert_eq!(evidence.of(&needles), BTreeSet::from([("table event", planted)]));
    Ok(())
}

/// One sample for each kind of object.
const OF_EVERY_KIND: [&str; 9] = [
    "2024-06-20/charge.dispute.created.usd.json",
    "2024-06-20/charge.refunded.partial.jpy.json",
    "2024-06-20/checkout.session.completed.payment.jpy.json",
    "2024-06-20/customer.subscription.deleted.usd.json",
    "2024-06-20/invoice.paid.subscription_cycle.usd.json",
    "2024-06-20/payment_intent.succeeded.konbini.jpy.json",
    "2024-06-20/refund.created.jpy.json",
    "2025-09-30.clover/invoice_payment.paid.usd.json",
    "thin/v1.payment_intent.succeeded.json",
];

#[test]
fn an_address_in_any_field_of_an_event_goes_no_further() -> Result {
    let address = "hanako.canary-4471@example.org";
    let home = TestHome::new()?;
    let server = Server::start(home.configured(PROGRAM, &["serve"]).env("RUST_LOG", "trace"))?;
    let mut evidence = Evidence::default();
    let mut received = 0;
    for name in OF_EVERY_KIND {
        let event: Value = serde_json::from_str(&sample(name)?.body)?;
        for field in texts_in(&event, String::new()) {
            let mut event = event.clone();
            event["id"] = format!("evt_{received}").into();
            *event.pointer_mut(&field).unwrap() = address.into();
            let answer = server.deliver(event.to_string())?;
            let status = answer.status;
            assert!(matches!(status, 200 | 400), "{status} for {field} in {name}");
            received += usize::from(status == 200);
            evidence.add_answer(&answer);
        }
    }
    assert!(received > 200, "{received}");
    assert_eq!(home.inbox()?.len(), received);
    evidence.add_lists(&home)?;
    evidence.add_kept(&home)?;
    evidence.add("log", server.stop()?);
    let needles = Needles::new([address.to_owned()].into_iter());
    assert_eq!(evidence.of(&needles), BTreeSet::new());
    Ok(())
}

/// Returns the places of all texts in `json`, as JSON pointers.
fn texts_in(json: &Value, place: String) -> Vec<String> {
    match json {
        Value::String(_) => vec![place],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| texts_in(item, format!("{place}/{index}")))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                texts_in(field, format!("{place}/{name}"))
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
