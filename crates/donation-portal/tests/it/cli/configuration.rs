//! `config`, `migrate` and `completions`.

use std::fs;

use crate::cli::assert_done;
use crate::support::Result;
use crate::support::home::{PROGRAM, TestHome, finish};
use crate::support::server::Server;

#[test]
fn the_configuration_is_shown_with_the_secrets_masked() -> Result {
    let home = TestHome::new()?;
    let said = finish(
        home.bare(PROGRAM, &["config"])
            .env("STRIPE_WEBHOOK_SECRET", "whsec_4471,whsec_8832")
            .env("DATABASE_URL", "sqlite://donations.db")
            .env("NO_MIGRATE", "1")
            .env("LISTEN_ADDR", "[::1]:9000")
            .env("SIGNATURE_TOLERANCE_SECONDS", "60")
            .env("LOG_FORMAT", "pretty")
            .env("RUST_LOG", "warn")
            .env("STRIPE_SECRET_KEY", "rk_live_0123456789abcdef4711"),
    )?;
    assert_done(&said);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "STRIPE_WEBHOOK_SECRET=whsec_****,whsec_****",
            "SIGNATURE_TOLERANCE_SECONDS=60",
            "DATABASE_URL=sqlite://donations.db",
            "NO_MIGRATE=true",
            "LISTEN_ADDR=[::1]:9000",
            "LOG_FORMAT=pretty",
            "RUST_LOG=warn",
            "DEAD_EVENTS_MAX=100",
            "SLACK_WEBHOOK_URL=(not set)",
            "DISCORD_WEBHOOK_URL=(not set)",
            "PAGERDUTY_ROUTING_KEY=(not set)",
            "PAGERDUTY_EVENTS_URL=https://events.pagerduty.com/v2/enqueue",
            "STRIPE_SECRET_KEY=rk_live_…4711",
            "STRIPE_API_BASE=https://api.stripe.com",
            "WEBHOOK_URL=(not set)",
            "READ_BUDGET=8000",
            "ALERT_LANGUAGE=en",
            "DIGEST_AT=09:00",
            "TIME_ZONE=UTC",
        ]
    );
    for secret in ["4471", "8832", "0123456789"] {
        assert!(!said.all().contains(secret));
    }
    Ok(())
}

#[test]
fn a_server_is_shown_without_its_password() -> Result {
    let home = TestHome::new()?;
    let url = "postgresql://portal:pa55word@db.example.org:5433/donations?sslmode=require";
    let said = finish(home.bare(PROGRAM, &["config"]).env("DATABASE_URL", url))?;
    assert_done(&said);
    let shown = "DATABASE_URL=postgres://portal@db.example.org:5433/donations";
    assert!(said.stdout.lines().any(|line| line == shown), "{}", said.stdout);
    assert!(!said.all().contains("pa55word"), "{}", said.all());
    Ok(())
}

#[test]
fn the_defaults_are_shown_where_nothing_is_configured() -> Result {
    let home = TestHome::new()?;
    let said = finish(&mut home.bare(PROGRAM, &["config"]))?;
    assert_done(&said);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "STRIPE_WEBHOOK_SECRET=(not set)",
            "SIGNATURE_TOLERANCE_SECONDS=300",
            "DATABASE_URL=sqlite://data/donation-portal.db",
            "NO_MIGRATE=false",
            "LISTEN_ADDR=127.0.0.1:8787",
            "LOG_FORMAT=json",
            "RUST_LOG=info",
            "DEAD_EVENTS_MAX=100",
            "SLACK_WEBHOOK_URL=(not set)",
            "DISCORD_WEBHOOK_URL=(not set)",
            "PAGERDUTY_ROUTING_KEY=(not set)",
            "PAGERDUTY_EVENTS_URL=https://events.pagerduty.com/v2/enqueue",
            "STRIPE_SECRET_KEY=(not set)",
            "STRIPE_API_BASE=https://api.stripe.com",
            "WEBHOOK_URL=(not set)",
            "READ_BUDGET=8000",
            "ALERT_LANGUAGE=en",
            "DIGEST_AT=09:00",
            "TIME_ZONE=UTC",
        ]
    );
    assert!(!home.path("data").exists(), "showing it made a database");
    Ok(())
}

#[test]
fn a_flag_goes_before_its_variable() -> Result {
    let home = TestHome::new()?;
    let said = finish(
        home.configured(
            PROGRAM,
            &["config", "--listen-addr", "127.0.0.1:1234", "--rust-log=debug"],
        )
        .env("LISTEN_ADDR", "127.0.0.1:9999")
        .env("RUST_LOG", "error"),
    )?;
    assert_done(&said);
    assert!(said.stdout.contains("LISTEN_ADDR=127.0.0.1:1234\n"), "{}", said.stdout);
    assert!(said.stdout.contains("RUST_LOG=debug\n"), "{}", said.stdout);
    Ok(())
}

#[test]
fn migrating_makes_a_database_once() -> Result {
    let home = TestHome::new()?;
    let url = format!("sqlite://{}", home.path("new/folder/portal.db").display());
    let migrate = || finish(home.configured(PROGRAM, &["migrate"]).env("DATABASE_URL", &url));
    let first = migrate()?;
    assert_done(&first);
    let made = fs::read(home.path("new/folder/portal.db"))?;
    let second = migrate()?;
    assert_done(&second);
    assert_eq!(first.stdout, second.stdout);
    assert!(first.stdout.contains("schema version"), "{}", first.stdout);
    assert!(fs::read(home.path("new/folder/portal.db"))? == made);
    Ok(())
}

#[test]
fn migrating_beside_a_running_server_changes_nothing() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(crate::support::event::payment("evt_1"))?.status, 200);
    assert_done(&home.run(&["migrate"])?);
    assert_eq!(server.deliver(crate::support::event::payment("evt_2"))?.status, 200);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    Ok(())
}

#[test]
fn what_is_up_to_date_is_served_without_migrating() -> Result {
    let home = TestHome::new()?;
    assert_done(&home.run(&["migrate"])?);
    let server = Server::start(&mut home.configured(PROGRAM, &["serve", "--no-migrate"]))?;
    assert_eq!(server.deliver(crate::support::event::payment("evt_1"))?.status, 200);
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

#[test]
fn every_shell_has_its_completions() -> Result {
    let home = TestHome::new()?;
    for shell in ["bash", "zsh", "fish"] {
        let said = finish(&mut home.bare(PROGRAM, &["completions", shell]))?;
        assert_done(&said);
        for word in ["donation-portal", "serve", "verify", "listen-addr"] {
            assert!(said.stdout.contains(word), "{word} for {shell}");
        }
    }
    Ok(())
}

#[test]
fn the_log_can_be_read_by_people() -> Result {
    let home = TestHome::new()?;
    let server = Server::start(home.configured(PROGRAM, &["serve"]).env("LOG_FORMAT", "pretty"))?;
    assert_eq!(server.deliver(crate::support::event::payment("evt_1"))?.status, 200);
    let said = String::from_utf8(server.stop()?)?;
    let line = said.lines().find(|line| line.contains("evt_1")).unwrap();
    assert!(line.contains("recorded"), "{line}");
    assert!(!line.starts_with('{'), "{line}");
    assert!(!said.contains('\u{1b}'), "colours in a log that is no terminal");
    Ok(())
}

#[test]
fn the_log_can_be_narrowed() -> Result {
    let home = TestHome::new()?;
    let filter = "warn,donation_portal=info";
    let server = Server::start(home.configured(PROGRAM, &["serve"]).env("RUST_LOG", filter))?;
    assert_eq!(server.deliver(crate::support::event::payment("evt_1"))?.status, 200);
    assert_eq!(server.post("x", Some("potato"))?.status, 400);
    let said = String::from_utf8(server.stop()?)?;
    assert!(!said.contains("recorded"), "{said}");
    assert!(said.contains("rejected"), "{said}");
    assert!(said.contains("stopped"), "{said}");
    Ok(())
}
