//! Failing calls: one line of error, and an exit code that tells misuse from other failures.

use std::fs;
use std::net::TcpListener;

use rusqlite::Connection;

use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::home::{PROGRAM, Said, TestHome, finish};

/// Runs `serve` with one variable set to `value`.
fn serve_with(name: &str, value: &str) -> Result<Said> {
    let home = TestHome::new()?;
    finish(home.configured(PROGRAM, &["serve"]).env(name, value))
}

#[test]
fn without_a_secret_nothing_starts() -> Result {
    let home = TestHome::new()?;
    let body = home.path("body.json");
    fs::write(&body, "{}")?;
    for command in [&["serve"][..], &["send"], &["verify", "--body", "body.json"]] {
        let said = finish(&mut home.bare(PROGRAM, command))?;
        assert_failed(&said, 2);
        assert!(said.stderr.contains("STRIPE_WEBHOOK_SECRET"), "{command:?}");
    }
    assert!(!home.path("data").exists(), "a database was made");
    Ok(())
}

#[test]
fn a_text_that_can_be_no_secret_is_misuse_and_is_not_printed() -> Result {
    let home = TestHome::new()?;
    let nine = ["whsec_44714471"; 9].join(",");
    for (secret, due) in [
        (" ", "blank"),
        ("\t\n", "blank"),
        (",", "blank"),
        ("whsec_44714471,", "blank"),
        (",whsec_44714471", "blank"),
        ("whsec_44714471,,whsec_44714471", "blank"),
        ("whsec_44714471 x", "at least 8"),
        ("whsec_44714471\n", "white space"),
        (" whsec_44714471", "white space"),
        ("whsec_44714471, whsec_44714471", "by commas only"),
        ("whsec_44714471\u{a0}", "white space"),
        ("whsec_44714471\u{3000}", "white space"),
        ("whsec_44714471\u{200b}", "cannot be seen"),
        ("\"whsec_44714471\"", "in quotes"),
        ("whsec_44714471\\n", "at least 8"),
        ("whsec_", "at least 8"),
        ("whsec_4471", "at least 8"),
        ("sk_live_4471447144714471", "at least 8"),
        ("$SECRET_44714471", "not expanded"),
        ("whsec_…", "cut short"),
        (&nine, "more than 8"),
    ] {
        for command in ["serve", "dev", "send", "config"] {
            let from_environment =
                finish(home.configured(PROGRAM, &[command]).env("STRIPE_WEBHOOK_SECRET", secret))?;
            let from_flag = home.run(&[command, "--stripe-webhook-secret", secret])?;
            for said in [from_environment, from_flag] {
                assert_failed(&said, 2);
                let named = "error: STRIPE_WEBHOOK_SECRET: ";
                assert!(said.stderr.starts_with(named), "{}", said.stderr);
                assert!(said.stderr.contains(due), "{secret}: {}", said.stderr);
                assert!(said.stderr.ends_with("; for example whsec_…\n"), "{}", said.stderr);
                assert!(!said.all().contains("4471"), "{}", said.all());
            }
        }
    }
    Ok(())
}

/// A tolerance of 0 does not switch the check off, and a mistyped level not the log.
#[test]
fn a_value_of_another_form_is_misuse_with_the_reason_and_an_example() -> Result {
    for (name, due, values) in [
        (
            "LISTEN_ADDR",
            "an IP address and a port; for example 127.0.0.1:8787",
            &[":8787", "8787", "localhost", "127.0.0.1", "127.0.0.1:65536", "http://127.0.0.1:1"][..],
        ),
        (
            "SIGNATURE_TOLERANCE_SECONDS",
            "1 to 3600; for example 300",
            &["0", "3601", "-1", "300s", "1e2", "99999999999999999999"],
        ),
        ("LOG_FORMAT", "json or pretty; for example json", &["xml"]),
        (
            "RUST_LOG",
            "for example info,",
            &["portal=loud", "inof", "INFO ", "\"info\"", "info,hyper=debug"],
        ),
        ("NO_MIGRATE", "for example true", &["yes", "flase", "2", " true"]),
    ] {
        for value in values {
            let said = serve_with(name, value)?;
            assert_failed(&said, 2);
            assert!(said.stderr.starts_with(&format!("error: {name}: it ")), "{}", said.stderr);
            assert!(said.stderr.contains(due), "{value}: {}", said.stderr);
        }
    }
    Ok(())
}

#[test]
fn a_bad_database_is_misuse_and_its_password_is_not_printed() -> Result {
    let home = TestHome::new()?;
    for url in [
        "mysql://user:pa55word@db.example.org/donations",
        "postgres://user:pa55word@db.example.org:port/donations",
        "postgres://user:first@pa55word@db.example.org/donations",
        "pa55word.db",
        "sqlite:",
        "sqlite://pa55word.db\r",
        "sqlite://pa55word.db ",
        "sqlite://",
        "sqlite://donations.db?password=pa55word",
    ] {
        for command in [
            &["serve"][..],
            &["dev"],
            &["migrate"],
            &["config"],
            &["events", "list"],
            &["events", "show", "evt_1"],
            &["events", "retry", "evt_1"],
            &["donations", "totals"],
            &["alerts", "list"],
            &["prune"],
            &["backup", "--to", "copy.db"],
        ] {
            let flag = ["--database-url", url];
            let from_flag = home.run(&[command, &flag].concat())?;
            let from_environment =
                finish(home.configured(PROGRAM, command).env("DATABASE_URL", url))?;
            for said in [from_flag, from_environment] {
                assert_failed(&said, 2);
                assert!(said.stderr.contains("DATABASE_URL"), "{}", said.stderr);
                assert!(!said.all().contains("pa55word"), "{}", said.all());
            }
        }
    }
    Ok(())
}

#[test]
fn a_server_out_of_reach_could_not_be_opened_and_its_password_is_not_printed() -> Result {
    let home = TestHome::new()?;
    // The port was bound and released, so nothing listens there.
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("postgres://user:pa55word@{closed}/donations");
    for command in [
        &["serve"][..],
        &["serve", "--no-migrate"],
        &["dev"],
        &["migrate"],
        &["events", "list"],
        &["events", "retry", "evt_1"],
        &["donations", "totals"],
        &["alerts", "list"],
        &["prune"],
    ] {
        let said = finish(home.configured(PROGRAM, command).env("DATABASE_URL", &url))?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("check host and port"), "{}", said.stderr);
        assert!(said.stderr.contains(&closed.to_string()), "{}", said.stderr);
        assert!(!said.all().contains("pa55word"), "{}", said.all());
    }
    Ok(())
}

#[test]
fn a_server_is_not_backed_up_as_a_file_is() -> Result {
    let home = TestHome::new()?;
    let url = "postgres://user:pa55word@db.example.org/donations";
    let backup = ["backup", "--to", "copy.db"];
    let said = finish(home.configured(PROGRAM, &backup).env("DATABASE_URL", url))?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("pg_dump"), "{}", said.stderr);
    assert!(said.stderr.contains("runbook"), "{}", said.stderr);
    assert!(!said.all().contains("pa55word"), "{}", said.all());
    Ok(())
}

#[test]
fn without_migrating_only_a_database_that_is_up_to_date_is_served() -> Result {
    let home = TestHome::new()?;
    for command in ["serve", "dev"] {
        let said = home.run(&[command, "--no-migrate"])?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("donation-portal migrate"), "{}", said.stderr);
        assert!(!home.database().exists(), "a database was made");
    }
    home.run(&["migrate", "--create"])?;
    let outdated = Connection::open(home.database())?;
    outdated.pragma_update(None, "user_version", 0)?;
    drop(outdated);
    let said = finish(home.configured(PROGRAM, &["serve"]).env("NO_MIGRATE", "true"))?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("donation-portal migrate"), "{}", said.stderr);
    Ok(())
}

#[test]
fn a_database_out_of_reach_could_not_be_opened() -> Result {
    let home = TestHome::new()?;
    fs::write(home.path("file"), "")?;
    let beneath_a_file = format!("sqlite://{}", home.path("file/portal.db").display());
    let a_folder = format!("sqlite://{}", home.path("").display());
    for url in [&beneath_a_file, &a_folder] {
        for command in ["serve", "migrate", "dev"] {
            let said = finish(home.configured(PROGRAM, &[command]).env("DATABASE_URL", url))?;
            assert_failed(&said, 3);
        }
    }
    Ok(())
}

#[test]
fn a_file_that_is_no_database_of_this_service_is_left_alone() -> Result {
    let home = TestHome::new()?;
    fs::write(
        home.path("text.db"),
        "not a database, but longer than a header of one. ".repeat(40),
    )?;
    let other = Connection::open(home.path("other.db"))?;
    other.execute_batch("pragma user_version = 7; create table other (x)")?;
    drop(other);
    for name in ["text.db", "other.db"] {
        let before = fs::read(home.path(name))?;
        let url = format!("sqlite://{}", home.path(name).display());
        for command in [
            &["serve"][..],
            &["migrate"],
            &["events", "list"],
            &["events", "retry", "evt_1"],
            &["prune"],
            &["backup", "--to", "copy.db"],
        ] {
            let said = finish(home.configured(PROGRAM, command).env("DATABASE_URL", &url))?;
            assert_failed(&said, 3);
        }
        assert!(fs::read(home.path(name))? == before, "{name} was changed");
    }
    Ok(())
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() -> Result {
    let home = TestHome::new()?;
    home.run(&["migrate", "--create"])?;
    let newer = Connection::open(home.database())?;
    newer.pragma_update(None, "user_version", 1_000_000)?;
    drop(newer);
    for command in [
        &["serve"][..],
        &["migrate"],
        &["events", "list"],
        &["events", "retry", "evt_1"],
        &["prune"],
        &["backup", "--to", "copy.db"],
    ] {
        let said = home.run(command)?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("1000000"), "{}", said.stderr);
    }
    Ok(())
}

#[test]
fn a_port_that_is_taken_could_not_be_listened_on() -> Result {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let home = TestHome::new()?;
    assert_done(&home.run(&["migrate", "--create"])?);
    for command in ["serve", "dev"] {
        let said = finish(home.configured(PROGRAM, &[command]).env("LISTEN_ADDR", &address))?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains(&address), "{}", said.stderr);
    }
    Ok(())
}

#[test]
fn only_in_so_many_words_is_a_database_made_where_there_may_have_been_one() -> Result {
    let home = TestHome::new()?;
    home.replay("migrate/a_missing_file", &[])?;
    assert!(home.path("portal.db").exists());
    Ok(())
}
