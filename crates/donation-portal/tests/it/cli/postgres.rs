//! Starting on PostgreSQL: every error is one line that says what to do, and never has the password.

use std::process::Command;

use portal_postgres::SCHEMA_VERSION;

use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::home::{On, PROGRAM, Said, TestHome, finish};
use crate::support::postgres::{PASSWORD, USER};

/// The commands that need the schema and do not create it.
const NO_MIGRATION: [&[&str]; 11] = [
    &["serve", "--no-migrate"],
    &["dev", "--no-migrate"],
    &["events", "list"],
    &["events", "show", "evt_1"],
    &["events", "retry", "evt_1"],
    &["events", "ignore", "--state", "dead", "--yes"],
    &["donations", "list"],
    &["donations", "totals"],
    &["donations", "export"],
    &["alerts", "list"],
    &["prune"],
];

/// The commands that run migrations.
const MIGRATION: [&[&str]; 3] = [&["serve"], &["dev"], &["migrate"]];

/// Asserts that each command prints the error, without the password.
fn assert_each_fails(home: &TestHome, url: &str, commands: &[&[&str]], parts: &[&str]) -> Result {
    for command in commands {
        let said = with_url(home, command, url)?;
        assert_failed(&said, 3);
        for part in parts {
            assert!(said.stderr.contains(part), "{part}, for {command:?}: {}", said.stderr);
        }
        assert!(!said.stderr.contains(PASSWORD), "{}", said.stderr);
    }
    Ok(())
}

fn with_url(home: &TestHome, command: &[&str], url: &str) -> Result<Said> {
    finish(configured(home, command).env("DATABASE_URL", url))
}

fn configured(home: &TestHome, command: &[&str]) -> Command {
    home.configured(PROGRAM, command)
}

#[test]
fn a_host_that_does_not_exist_is_reported_as_unreachable() -> Result {
    let home = TestHome::new()?;
    let url = format!("postgres://{USER}:{PASSWORD}@no-such-host.invalid:5432/donations");
    // Without a name server the look-up may time out instead.
    for command in [&["migrate"][..], &["events", "list"]] {
        let said = with_url(&home, command, &url)?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("no-such-host.invalid:5432/donations"), "{}", said.stderr);
        let hints = ["check host and port", "try again"];
        assert!(hints.iter().any(|hint| said.stderr.contains(hint)), "{}", said.stderr);
        assert!(!said.stderr.contains(PASSWORD), "{}", said.stderr);
    }
    Ok(())
}

on_postgres! {
    a_wrong_password_is_reported_and_not_repeated
    a_missing_database_is_not_created_and_the_error_says_how_to
    a_user_without_the_right_to_create_a_schema_gets_advice
    a_user_without_the_right_to_read_the_schema_gets_advice
    a_database_without_a_schema_is_not_changed_and_the_error_says_how_to_migrate
    a_schema_that_is_to_be_migrated_is_not_read_or_served_before
    a_schema_of_a_newer_version_is_left_alone
    a_newer_schema_that_says_so_serves_this_version_too
    a_database_without_room_for_connections_is_reported_as_such
    migrating_prints_the_version_and_is_done_once
    the_configuration_is_shown_without_the_password
    a_backup_is_left_to_the_tools_of_the_server
}

fn a_wrong_password_is_reported_and_not_repeated() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let url = home.database_url().replacen(PASSWORD, &format!("wrong-{PASSWORD}"), 1);
    let parts = ["password authentication failed", USER, "check user and password"];
    assert_each_fails(&home, &url, &MIGRATION, &parts)?;
    assert_each_fails(&home, &url, &NO_MIGRATION[..3], &parts)
}

fn a_missing_database_is_not_created_and_the_error_says_how_to() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let name = home.server()?.name();
    let url = home.database_url().replacen(name, "no_such_database", 1);
    let parts = ["/no_such_database", "is not there", "createdb", "donation-portal migrate"];
    assert_each_fails(&home, &url, &MIGRATION, &parts)?;
    assert_each_fails(&home, &url, &NO_MIGRATION[..3], &parts)
}

fn a_user_without_the_right_to_create_a_schema_gets_advice() -> Result {
    let home = TestHome::on(On::Postgres)?;
    home.server()?.alter("owner to current_user")?;
    let parts = ["permission denied", "check user and password", "grant"];
    assert_each_fails(&home, &home.database_url(), &MIGRATION, &parts)?;
    let schemas = "select count(*) from pg_namespace where nspname = 'donation_portal'";
    assert_eq!(home.server()?.ask(schemas)?, "0");
    Ok(())
}

fn a_user_without_the_right_to_read_the_schema_gets_advice() -> Result {
    let home = TestHome::on(On::Postgres)?;
    assert_done(&home.run(&["migrate", "--create"])?);
    home.server()?.ask("revoke all on schema donation_portal from gifts; alter schema donation_portal owner to current_user")?;
    let parts = ["permission denied", "grant"];
    assert_each_fails(&home, &home.database_url(), &MIGRATION, &parts)?;
    assert_each_fails(&home, &home.database_url(), &NO_MIGRATION, &parts)
}

fn a_database_without_a_schema_is_not_changed_and_the_error_says_how_to_migrate() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let needed = format!("needs {SCHEMA_VERSION}");
    let parts = ["schema version 0", &needed, "run `donation-portal migrate`"];
    assert_each_fails(&home, &home.database_url(), &NO_MIGRATION, &parts)?;
    let schemas = "select count(*) from pg_namespace where nspname = 'donation_portal'";
    assert_eq!(home.server()?.ask(schemas)?, "0", "something was made");
    assert_done(&home.run(&["migrate", "--create"])?);
    assert_eq!(home.list(&[])?.len(), 0);
    Ok(())
}

fn a_schema_that_is_to_be_migrated_is_not_read_or_served_before() -> Result {
    let home = TestHome::on(On::Postgres)?;
    assert_done(&home.run(&["migrate", "--create"])?);
    home.server()?.ask("update schema_version set version = version - 1")?;
    let older = format!("schema version {}", SCHEMA_VERSION - 1);
    let parts = [older.as_str(), "run `donation-portal migrate`"];
    assert_each_fails(&home, &home.database_url(), &NO_MIGRATION, &parts)
}

fn a_schema_of_a_newer_version_is_left_alone() -> Result {
    let home = TestHome::on(On::Postgres)?;
    assert_done(&home.run(&["migrate", "--create"])?);
    let newer = "insert into schema_version (version, serves_since) values (1000000, 1000000)";
    home.server()?.ask(newer)?;
    let parts = ["1000000", "use the newer program"];
    assert_each_fails(&home, &home.database_url(), &MIGRATION, &parts)?;
    assert_each_fails(&home, &home.database_url(), &NO_MIGRATION, &parts)
}

/// After an expanding migration, replicas of both versions run side by side.
fn a_newer_schema_that_says_so_serves_this_version_too() -> Result {
    let home = TestHome::on(On::Postgres)?;
    assert_done(&home.run(&["migrate", "--create"])?);
    let newer = format!(
        "insert into schema_version (version, serves_since) values ({}, {SCHEMA_VERSION})",
        SCHEMA_VERSION + 1
    );
    home.server()?.ask(&newer)?;
    for command in [&["migrate"][..], &["events", "list"], &["donations", "totals"]] {
        assert_done(&home.run(command)?);
    }
    assert_eq!(home.serve()?.get("/health/ready")?.status, 200);
    Ok(())
}

fn a_database_without_room_for_connections_is_reported_as_such() -> Result {
    let home = TestHome::on(On::Postgres)?;
    home.server()?.alter("connection limit 0")?;
    let parts = ["takes no more connections", "max_connections"];
    assert_each_fails(&home, &home.database_url(), &MIGRATION, &parts)?;
    assert_each_fails(&home, &home.database_url(), &NO_MIGRATION[..3], &parts)
}

#[test]
fn a_url_that_is_none_is_misuse_and_nothing_of_it_is_repeated() -> Result {
    let home = TestHome::new()?;
    for (url, part) in [
        ("postgres://gifts:pa55word-4471@db:port/donations", "percent-encoded"),
        ("postgres://gifts:pa55word-4471@/donations", "names no host"),
        ("postgres://gifts:pa55word-4471@db/donations?sslmode=maybe", "sslmode"),
        ("postgres://gifts:pa55word-4471@db/donations?pa55word-4471=1", "option"),
        ("postgres://gifts:pa55word-4471@db/donations?sslcert=pa55word-4471", "sslcert"),
        ("postgres://gifts:pa55word-4471@db/donations?port=pa55word-4471", "port"),
        (
            "postgres://gifts:pa55word-4471@db/donations?sslmode=verify-full&sslrootcert=none",
            "none",
        ),
    ] {
        for command in [&["serve"][..], &["migrate"], &["config"], &["events", "list"]] {
            let said = with_url(&home, command, url)?;
            assert_failed(&said, 2);
            assert!(said.stderr.contains("DATABASE_URL"), "{}", said.stderr);
            assert!(said.stderr.contains(part), "{url}: {}", said.stderr);
            assert!(!said.stderr.contains(PASSWORD), "{}", said.stderr);
        }
    }
    Ok(())
}

fn migrating_prints_the_version_and_is_done_once() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let first = home.run(&["migrate", "--create"])?;
    assert_done(&first);
    let shown = home.database_url().replacen(&format!(":{PASSWORD}@"), "@", 1);
    let (shown, _options) = shown.split_once('?').unwrap();
    assert_eq!(first.stdout, format!("{shown} is at schema version {SCHEMA_VERSION}\n"));
    let at = |home: &TestHome| home.server()?.ask("select max(migrated_at) from schema_version");
    let migrated_at = at(&home)?;
    assert_eq!(home.run(&["migrate", "--create"])?.stdout, first.stdout);
    assert_eq!(at(&home)?, migrated_at);
    Ok(())
}

fn the_configuration_is_shown_without_the_password() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let said = home.run(&["config"])?;
    assert_done(&said);
    let line = said.stdout.lines().find(|line| line.starts_with("DATABASE_URL=")).unwrap();
    assert!(line.starts_with(&format!("DATABASE_URL=postgres://{USER}@127.0.0.1:")), "{line}");
    assert!(line.ends_with(home.server()?.name()), "{line}");
    assert!(!said.all().contains(PASSWORD), "{}", said.all());
    Ok(())
}

fn a_backup_is_left_to_the_tools_of_the_server() -> Result {
    let home = TestHome::on(On::Postgres)?;
    assert_done(&home.run(&["migrate", "--create"])?);
    let said = home.run(&["backup", "--to", "copy.db"])?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("pg_dump") && said.stderr.contains("runbook"), "{}", said.stderr);
    assert!(!said.stderr.contains(PASSWORD), "{}", said.stderr);
    assert!(!home.path("copy.db").exists());
    Ok(())
}
