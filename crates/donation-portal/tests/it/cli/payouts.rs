//! `payouts`: the statement of a deposit, and the month in the books, of the samples.

use portal_contract::{block_on, know_a_month};

use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "payouts", on_each_store;
    a_month =>
        a_deposit_is_the_sum_of_its_parts
        a_statement_is_data_with_a_contract
        lines_have_the_donations_that_they_are_about
        a_deposit_is_one_entry_of_the_books
        the_account_and_the_fees_of_a_month;
    TestHome::on =>
        what_was_not_read_has_no_sum;
}

/// Returns a home that knows the month of the samples.
fn a_month(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    block_on(know_a_month(&*home.store()?));
    Ok(home)
}
