//! `ledger check`.

use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "ledger_check", on_each_store;
    home =>
        a_ledger_that_adds_up_is_proved;
}

#[test]
fn what_differs_is_named_and_repaired_on_request() -> Result {
    let home = home(On::Sqlite)?;
    Connection::open(home.database())?
        .execute_batch("update payment set refunded = 700 where id = 'pi_2'")?;
    home.replay("ledger_check/what_differs_is_named_and_repaired_on_request")
}

fn home(on: On) -> Result<TestHome> {
    home_on(on, &["pi_1", "pi_2"].map(|id| gift(id, 5000, "jpy", MIDNIGHT_IN_TOKYO)))
}
