//! `actions list`.

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, record, record_without_changes};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "actions", on_each_store;
    home =>
        what_the_command_line_does_is_in_the_trail
        a_line_of_json_holds_to_its_contract;
}

/// Returns a home with a processed event and a dead one.
fn home(on: On) -> Result<TestHome> {
    let (home, at) = (TestHome::on(on)?, MIDNIGHT_IN_TOKYO);
    record(&home, &[gift("pi_done", 5000, "jpy", at)], at)?;
    record_without_changes(&home, &[gift("pi_failed", 700, "jpy", at)], at)?;
    Ok(home)
}
