//! `donations export`.

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "export", on_each_store;
    |on| home(on, 120) =>
        all_donations_are_written
        a_file_is_written_whole_and_not_replaced_unasked
        a_reader_may_stop_early;
    |on| home(on, 10_002) =>
        more_than_a_page_is_written_to_the_last;
}

transcripts! { "export", once;
    || home(On::Sqlite, 120) =>
        a_file_that_cannot_be_written_leaves_nothing_behind;
}

/// Returns a home with this number of gifts at one time, so that pages of 5,000 continue by their ids.
fn home(on: On, count: i64) -> Result<TestHome> {
    let gifts =
        (0..count).map(|it| gift(&format!("pi_{it:03}"), 5000 + it, "jpy", MIDNIGHT_IN_TOKYO));
    home_on(on, &gifts.collect::<Vec<_>>())
}
