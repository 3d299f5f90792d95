//! `donations totals`.

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on, uncertain_gift};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "totals", on_each_store;
    home =>
        what_was_paid_is_added_up_by_currency_kind_and_mode
        totals_as_json_and_csv_hold_to_their_contracts;
    uncertain =>
        what_is_provisional_is_in_no_total_and_is_mentioned;
    |on| home_on(on, &[]) =>
        nothing_comes_to_nothing;
}

fn home(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    home_on(
        on,
        &[
            gift("pi_1", 5000, "jpy", at),
            gift("pi_2", 1_234_567, "jpy", at + 1),
            gift("pi_3", 500, "usd", at),
            gift("pi_4", 1, "kwd", at - 1),
        ],
    )
}

fn uncertain(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    home_on(
        on,
        &[
            gift("pi_1", 5000, "jpy", at),
            uncertain_gift("pi_2", 700, "jpy", at),
            uncertain_gift("pi_3", 800, "usd", at),
            uncertain_gift("pi_4", 900, "jpy", at - 1),
        ],
    )
}
