//! `dev`: try the service without any preparation.

use std::time::Duration;

use serde_json::Value;

use crate::cli::assert_done;
use crate::support::Result;
use crate::support::clock::wait_for;
use crate::support::event::{self, OTHER_SECRET, payment};
use crate::support::home::{PROGRAM, Said, TestHome, finish};
use crate::support::server::Server;

/// Starts `dev` in an empty folder, with nothing configured except a free port.
fn dev(home: &TestHome) -> Result<Server> {
    let server = Server::start(home.bare(PROGRAM, &["dev"]).env("LISTEN_ADDR", "127.0.0.1:0"))?;
    wait_for("the summary", Duration::from_secs(20), || {
        Ok(server.text().contains("Serving at").then_some(()))
    })?;
    Ok(server)
}

fn events(home: &TestHome, args: &[&str]) -> Result<Said> {
    finish(&mut home.bare(PROGRAM, &[&["events"], args].concat()))
}

#[test]
fn it_shows_two_donations_an_event_that_is_repeated_and_one_forged() -> Result {
    let home = TestHome::new()?;
    let server = dev(&home)?;
    let text = server.text();
    let answers: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let (delivery, rest) = line.split_once(" evt_sample")?;
            let status = rest.split_whitespace().nth(1)?;
            Some((delivery.trim(), status))
        })
        .filter(|(_, status)| status.len() == 3)
        .collect();
    let statuses: Vec<&str> = answers.iter().map(|(_, status)| *status).collect();
    assert_eq!(statuses, ["200", "200", "200", "200", "400"], "{text}");
    assert!(answers[3].0.contains("again"), "{text}");
    assert!(answers[4].0.contains("wrong signature"), "{text}");
    assert!(text.contains("stripe listen --forward-to http://127.0.0.1:"), "{text}");
    assert!(!text.contains("whsec_"), "a secret is printed: {text}");

    assert!(home.path("data/donation-portal.db").exists());
    let listed = events(&home, &["list", "--format", "json"])?;
    assert_done(&listed);
    let listed: Vec<Value> =
        listed.stdout.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    assert!(listed.iter().all(|event| event["livemode"] == false), "{listed:?}");
    let types: Vec<&Value> = listed.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["invoice.paid", "checkout.session.completed", "payment_intent.succeeded"]);

    assert_eq!(server.get("/health")?.body, "ok");
    assert_eq!(server.get("/health/ready")?.status, 200);
    server.stop()?;
    Ok(())
}

#[test]
fn it_can_be_started_again_and_again() -> Result {
    let home = TestHome::new()?;
    dev(&home)?.stop()?;
    dev(&home)?.stop()?;
    let listed = events(&home, &["list", "--format", "csv"])?;
    assert_eq!(listed.stdout.lines().count(), 1 + 6, "{}", listed.stdout);
    Ok(())
}

#[test]
fn it_takes_the_secret_of_the_stripe_cli_besides() -> Result {
    let home = TestHome::new()?;
    let server = Server::start(
        home.bare(PROGRAM, &["dev"])
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("STRIPE_WEBHOOK_SECRET", OTHER_SECRET),
    )?;
    let body = payment("evt_1");
    let now = event::seconds_from_now(0)?;
    let signature = event::signature_at(now, OTHER_SECRET, body.as_bytes())?;
    assert_eq!(server.post(&body, Some(&signature))?.status, 200);
    let of_nobody = event::signature_at(now, "whsec_of_nobody", body.as_bytes())?;
    assert_eq!(server.post(&body, Some(&of_nobody))?.status, 400);
    assert!(!server.text().contains(OTHER_SECRET));
    Ok(())
}
