//! Failing calls: one line of error, and an exit code that tells misuse from other failures.

use std::fs;
use std::net::TcpListener;

use rusqlite::Connection;

use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "refusals", once;
    TestHome::new =>
        without_a_secret_nothing_starts
        a_text_that_can_be_no_secret_is_misuse_and_is_not_printed
        a_value_of_another_form_is_misuse_with_the_reason_and_an_example
        a_bad_database_is_misuse_and_its_password_is_not_printed
        a_server_is_not_backed_up_as_a_file_is
        a_database_out_of_reach_could_not_be_opened
        a_folder_of_another_user_is_named_with_its_owner_and_left_alone
        a_database_file_that_is_mounted_alone_is_refused
        a_file_that_cannot_be_made_is_refused_with_the_reason_of_the_system
        only_in_so_many_words_is_a_database_made_where_there_may_have_been_one
        a_database_that_is_not_there_is_not_made
        a_console_that_others_can_reach_needs_tokens;
    out_of_reach =>
        a_server_out_of_reach_could_not_be_opened_and_its_password_is_not_printed;
    || of_version(0) =>
        without_migrating_only_a_database_that_is_up_to_date_is_served;
    || of_version(1_000_000) =>
        a_database_of_a_newer_version_is_left_alone;
    of_others =>
        a_file_that_is_no_database_of_this_service_is_left_alone;
    port_taken =>
        a_port_that_is_taken_could_not_be_listened_on
        a_console_is_not_left_out_where_its_port_is_set_and_taken;
}

/// Returns a home and a server's address at which nothing listens.
pub(crate) fn out_of_reach() -> Result<TestHome> {
    // The port was bound and released.
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    Ok(TestHome::new()?.set("CLOSED", closed.to_string()))
}

/// Returns a home with a database that claims to have this version of the schema.
fn of_version(version: i64) -> Result<TestHome> {
    let home = TestHome::on(On::Sqlite)?;
    drop(home.store()?);
    Connection::open(home.database())?.pragma_update(None, "user_version", version)?;
    Ok(home)
}

fn of_others() -> Result<TestHome> {
    let home = TestHome::new()?;
    let text = "not a database, but longer than a header of one. ".repeat(40);
    fs::write(home.path("text.db"), text)?;
    Connection::open(home.path("other.db"))?
        .execute_batch("pragma user_version = 7; create table other (x)")?;
    Ok(home)
}

fn port_taken() -> Result<TestHome> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let home = TestHome::new()?;
    drop(home.store()?);
    Ok(home.set("TAKEN", taken.local_addr()?.to_string()).beside(taken))
}
