//! `--help` and `--version`.

use crate::support::Result;
use crate::support::home::TestHome;

transcripts! { "help", once;
    home =>
        every_command_helps_and_names_the_variables_it_takes
        the_program_says_what_it_can_do_and_how_it_ends
        every_command_prints_the_version;
}

fn home() -> Result<TestHome> {
    Ok(TestHome::new()?.set("VERSION", env!("CARGO_PKG_VERSION")))
}
