//! `dev`: try the service without any preparation.

use std::fs;
use std::time::Duration;

use crate::support::Result;
use crate::support::clock::wait_for;
use crate::support::event::{self, OTHER_SECRET, payment};
use crate::support::home::{PROGRAM, TestHome};
use crate::support::server::Server;

transcripts! { "dev", once;
    || after_starts(1) =>
        it_shows_two_donations_an_event_twice_and_one_forged;
    || after_starts(2) =>
        it_can_be_started_again_and_again;
}

/// Returns a folder in which `dev` was started so often, with nothing configured except free ports.
/// The last one still runs.
fn after_starts(count: usize) -> Result<TestHome> {
    let home = TestHome::new()?;
    let start = || -> Result<Server> {
        let mut dev = home.bare(PROGRAM, &["dev"]);
        dev.env("LISTEN_ADDR", "127.0.0.1:0").env("OPERATOR_ADDR", "127.0.0.1:0");
        let server = Server::start(&mut dev)?;
        wait_for("the summary", Duration::from_secs(20), || {
            Ok(server.text().contains("Serving at").then_some(()))
        })?;
        Ok(server)
    };
    for _ in 1..count {
        start()?.stop()?;
    }
    let server = start()?;
    assert_eq!(server.get("/health")?.body, "ok");
    server.wait_until_ready()?;
    fs::write(home.path("printed"), server.said())?;
    let text = server.text();
    let console = text.lines().find_map(|it| it.strip_prefix("The console:")).unwrap();
    let home = home.set("CONSOLE", console.trim());
    Ok(home.set("ADDRESS", server.address.to_string()).beside(server))
}

/// Starts `dev` with the secret of the Stripe CLI beside its own.
fn with_another_secret(home: &TestHome) -> Result<Server> {
    let mut dev = home.bare(PROGRAM, &["dev"]);
    Server::start(
        dev.env("LISTEN_ADDR", "127.0.0.1:0")
            .env("OPERATOR_ADDR", "off")
            .env("STRIPE_WEBHOOK_SECRET", OTHER_SECRET),
    )
}

#[test]
fn it_explains_a_refused_signature_in_the_log() -> Result {
    let home = TestHome::new()?;
    let server = with_another_secret(&home)?;
    wait_for("the summary", Duration::from_secs(20), || {
        Ok(server.text().contains("Serving at").then_some(()))
    })?;
    let body = payment("evt_1");
    let now = event::seconds_from_now(0)?;
    let signature = event::signature_at(now, OTHER_SECRET, body.as_bytes())?;
    assert_eq!(server.post(format!("{body}\n"), Some(&signature))?.status, 400);
    let past = event::seconds_from_now(-700)?;
    let late = event::signature_at(past, OTHER_SECRET, body.as_bytes())?;
    assert_eq!(server.post(&body, Some(&late))?.status, 400);
    let said = String::from_utf8(server.stop()?)?;
    for hint in ["a newline was added at the end of the body", "s old; unless it is a replay"] {
        assert!(said.contains(hint), "{hint}: {said}");
    }
    Ok(())
}

#[test]
fn it_takes_the_secret_of_the_stripe_cli_besides() -> Result {
    let home = TestHome::new()?;
    let server = with_another_secret(&home)?;
    let body = payment("evt_1");
    let now = event::seconds_from_now(0)?;
    let signature = event::signature_at(now, OTHER_SECRET, body.as_bytes())?;
    assert_eq!(server.post(&body, Some(&signature))?.status, 200);
    let of_nobody = event::signature_at(now, "whsec_of_nobody", body.as_bytes())?;
    assert_eq!(server.post(&body, Some(&of_nobody))?.status, 400);
    assert!(!server.text().contains(OTHER_SECRET));
    Ok(())
}
