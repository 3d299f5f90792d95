//! `send`: sample events to a receiver.

use std::fs;

use crate::cli::refusals::out_of_reach;
use crate::support::Result;
use crate::support::event::sample;
use crate::support::home::TestHome;
use crate::support::server::served;

transcripts! { "send", once;
    receiver =>
        twenty_events_on_four_connections_are_summed_up
        every_built_in_sample_is_an_event_that_the_server_takes
        a_file_is_sent_as_it_is_and_again_is_a_repeat
        what_is_not_accepted_is_found_wrong
        of_several_secrets_the_first_signs
        sample_donations_count_in_test_mode
        samples_do_not_go_beside_other_events_unless_told_so
        what_was_sent_until_ctrl_c_is_summed_up
        a_rate_is_kept;
    out_of_reach =>
        where_nobody_listens_it_could_not_be_sent
        a_file_that_is_not_there_is_misuse;
}

/// Returns a home with a server, and an event in a file.
fn receiver() -> Result<TestHome> {
    let home = served(&[])?;
    fs::write(home.path("refund.json"), sample("2024-06-20/refund.created.jpy.json")?.body)?;
    Ok(home)
}
