//! `config`, `migrate` and `completions`.

use std::fs;

use portal_service::settings::{SETTINGS, SettingHelp};

use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::home::{PROGRAM, Said, TestHome, finish};
use crate::support::server::Server;

#[test]
fn the_configuration_is_shown_with_the_secrets_masked() -> Result {
    let home = TestHome::new()?;
    let said = finish(
        home.bare(PROGRAM, &["config"])
            .env("STRIPE_WEBHOOK_SECRET", "whsec_0123456789,whsec_abcdefgh")
            .env("NO_MIGRATE", "1")
            .env("LOG_FORMAT", "pretty")
            .env("STRIPE_SECRET_KEY", "rk_live_0123456789abcdef4711"),
    )?;
    assert_done(&said);
    for line in [
        "STRIPE_WEBHOOK_SECRET=whsec_…6789 (sha256 d7b42cbe),whsec_…efgh (sha256 e4d46313)",
        "NO_MIGRATE=1",
        "LOG_FORMAT=pretty",
        "STRIPE_SECRET_KEY=rk_live_…4711 (sha256 ad61e473)",
    ] {
        assert!(said.stdout.lines().any(|it| it == line), "{line}: {}", said.stdout);
    }
    for secret in ["012345", "abcd"] {
        assert!(!said.all().contains(secret), "{}", said.all());
    }
    Ok(())
}

#[test]
fn a_secret_can_be_in_a_file() -> Result {
    let home = TestHome::new()?;
    let configured = |contents: &str| -> Result<Said> {
        fs::write(home.path("secret"), contents)?;
        finish(home.bare(PROGRAM, &["config"]).env("STRIPE_WEBHOOK_SECRET_FILE", "secret"))
    };
    for contents in ["whsec_0123456789", "whsec_0123456789\n", "whsec_0123456789\r\n"] {
        let said = configured(contents)?;
        assert_done(&said);
        assert!(said.stdout.contains("=whsec_…6789 (sha256 d7b42cbe)\n"), "{}", said.stdout);
    }
    assert!(configured("\n")?.stdout.contains("STRIPE_WEBHOOK_SECRET=(not set)\n"));
    let said = configured("whsec_4471")?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("STRIPE_WEBHOOK_SECRET: "), "{}", said.stderr);
    assert!(!said.all().contains("4471"), "{}", said.all());
    let url = format!("sqlite://{}", home.path("x.db").display());
    fs::write(home.path("url"), format!("{url}\n"))?;
    let migrate = ["migrate", "--create", "--database-url-file", "url"];
    let said = finish(&mut home.bare(PROGRAM, &migrate))?;
    assert_done(&said);
    assert!(home.path("x.db").exists());
    Ok(())
}

#[test]
fn a_secret_comes_from_one_place_that_can_be_read() -> Result {
    let home = TestHome::new()?;
    let gone = ["config", "--slack-webhook-url-file", "whsec_gone"];
    let said = finish(&mut home.bare(PROGRAM, &gone))?;
    assert_failed(&said, 2);
    assert!(
        said.stderr.contains("the file that SLACK_WEBHOOK_URL_FILE names could not be read"),
        "{}",
        said.stderr
    );
    assert!(!said.all().contains("gone"), "{}", said.all());
    fs::write(home.path("secret"), "whsec_0123456789")?;
    let file = ["config", "--stripe-webhook-secret-file", "secret"];
    let said = finish(home.bare(PROGRAM, &file).env("STRIPE_WEBHOOK_SECRET", "whsec_0123456789"))?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("STRIPE_WEBHOOK_SECRET_FILE; remove one"), "{}", said.stderr);
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
fn the_defaults_are_shown_where_nothing_is_configured_or_all_is_set_to_nothing() -> Result {
    let home = TestHome::new()?;
    let bare = finish(&mut home.bare(PROGRAM, &["config"]))?;
    assert_done(&bare);
    let shown = |it: &SettingHelp| {
        format!("{}={}\n", it.setting.name, it.setting.default.unwrap_or("(not set)"))
    };
    assert_eq!(bare.stdout, SETTINGS.iter().map(shown).collect::<String>());
    let mut emptied = home.bare(PROGRAM, &["config"]);
    for it in SETTINGS {
        emptied.env(it.setting.name, "").env(format!("{}_FILE", it.setting.name), "");
    }
    let emptied = finish(&mut emptied)?;
    assert_done(&emptied);
    assert_eq!(emptied.stdout, bare.stdout);
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
    let migrate =
        || finish(home.configured(PROGRAM, &["migrate", "--create"]).env("DATABASE_URL", &url));
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
    assert_done(&home.run(&["migrate", "--create"])?);
    assert_eq!(server.deliver(crate::support::event::payment("evt_2"))?.status, 200);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    Ok(())
}

#[test]
fn what_is_up_to_date_is_served_without_migrating() -> Result {
    let home = TestHome::new()?;
    assert_done(&home.run(&["migrate", "--create"])?);
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
