//! `prune`.

use crate::cli::ledger::{gift, record};
use crate::support::home::{On, TestHome};
use crate::support::{Result, clock};

transcripts! { "prune", on_each_store;
    |on| home(on, 3, 91) =>
        old_events_are_deleted_and_their_donations_stay;
    |on| home(on, 2001, 40) =>
        more_than_a_batch_is_deleted_to_the_last;
}

transcripts! { "prune", once;
    || home(On::Sqlite, 1, 29) =>
        what_stripe_may_send_again_is_not_deleted;
}

/// Returns a home with `count` processed events received `days_ago` days ago, and one received now.
fn home(on: On, count: usize, days_ago: i64) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let now = clock::now()?.get();
    let at = now - days_ago * 24 * 60 * 60;
    let old: Vec<_> = (0..count).map(|it| gift(&format!("pi_{it}"), 5000, "jpy", at)).collect();
    record(&home, &old, at)?;
    record(&home, &[gift("pi_new", 5000, "jpy", now)], now)?;
    Ok(home)
}
