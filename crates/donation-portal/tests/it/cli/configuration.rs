//! `config`, `migrate` and `completions`.

use std::fs;

use crate::support::Result;
use crate::support::event::payment;
use crate::support::home::{PROGRAM, TestHome};
use crate::support::server::{Server, served};

transcripts! { "configuration", once;
    TestHome::new =>
        the_configuration_is_shown_with_the_secrets_masked
        tokens_of_operators_are_masked_and_never_quoted
        a_secret_can_be_in_a_file
        a_secret_comes_from_one_place_that_can_be_read
        a_server_is_shown_without_its_password
        the_defaults_are_shown_where_nothing_is_configured_or_all_is_set_to_nothing
        a_flag_goes_before_its_variable
        migrating_makes_a_database_once
        every_shell_has_its_completions;
    || served(&[]) =>
        migrating_beside_a_running_server_changes_nothing;
    || served(&["--no-migrate"]) =>
        what_is_up_to_date_is_served_without_migrating;
    || logged("LOG_FORMAT", "pretty") =>
        the_log_can_be_read_by_people;
    || logged("RUST_LOG", "warn,donation_portal=info") =>
        the_log_can_be_narrowed;
}

/// Returns a home with the log of a server that recorded an event and rejected a delivery.
fn logged(variable: &str, value: &str) -> Result<TestHome> {
    let home = TestHome::new()?;
    let server = Server::start(home.configured(PROGRAM, &["serve"]).env(variable, value))?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert_eq!(server.post("x", Some("potato"))?.status, 400);
    fs::write(home.path("log"), server.stop()?)?;
    Ok(home)
}
