//! Starting on PostgreSQL: every error is one line that says what to do, and never has the password.

use portal_postgres::SCHEMA_VERSION;

use crate::support::Result;
use crate::support::home::{On, TestHome};
use crate::support::postgres::PASSWORD;

transcripts! { "postgres", once;
    TestHome::new =>
        a_host_that_does_not_exist_is_reported_as_unreachable
        a_url_that_is_none_is_misuse_and_nothing_of_it_is_repeated;
}

transcripts! { "postgres", on_postgres;
    home =>
        a_wrong_password_is_reported_and_not_repeated
        a_missing_database_is_not_created_and_the_error_says_how_to
        a_database_without_a_schema_is_not_changed_and_the_error_says_how_to_migrate
        the_configuration_is_shown_without_the_password
        a_backup_is_left_to_the_tools_of_the_server;
    |on| altered(on, "owner to current_user") =>
        a_user_without_the_right_to_create_a_schema_gets_advice;
    |on| altered(on, "connection limit 0") =>
        a_database_without_room_for_connections_is_reported_as_such;
    |on| migrated(on, "revoke all on schema donation_portal from gifts;
    alter schema donation_portal owner to current_user") =>
        a_user_without_the_right_to_read_the_schema_gets_advice;
    |on| migrated(on, "update schema_version set version = version - 1") =>
        a_schema_that_is_to_be_migrated_is_not_read_or_served_before;
    |on| migrated(on, "insert into schema_version (version, serves_since)
    values (1000000, 1000000)") =>
        a_schema_of_a_newer_version_is_left_alone;
    of_a_newer_replica =>
        a_newer_schema_that_says_so_serves_this_version_too;
}

on_postgres! {
    migrating_prints_the_version_and_is_done_once
}

fn migrating_prints_the_version_and_is_done_once() -> Result {
    let home = home(On::Postgres)?;
    drop(home.store()?);
    let at = || home.server()?.ask("select max(migrated_at) from schema_version");
    let migrated_at = at()?;
    home.replay("postgres/migrating_prints_the_version_and_is_done_once")?;
    assert_eq!(at()?, migrated_at);
    Ok(())
}

fn home(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let name = home.server()?.name().to_owned();
    Ok(home.set("PASSWORD", PASSWORD).set("NAME", name))
}

fn altered(on: On, change: &str) -> Result<TestHome> {
    let home = home(on)?;
    home.server()?.alter(change)?;
    Ok(home)
}

/// Returns a home with the schema, after this statement of a superuser.
fn migrated(on: On, sql: &str) -> Result<TestHome> {
    let home = home(on)?;
    drop(home.store()?);
    home.server()?.ask(sql)?;
    Ok(home)
}

/// Returns a home after an expanding migration, with a replica of the version before it.
fn of_a_newer_replica(on: On) -> Result<TestHome> {
    let newer = SCHEMA_VERSION + 1;
    let home = migrated(
        on,
        &format!(
            "insert into schema_version (version, serves_since) values ({newer}, {SCHEMA_VERSION})"
        ),
    )?;
    let server = home.serve()?;
    server.wait_until_ready()?;
    Ok(home.beside(server))
}
