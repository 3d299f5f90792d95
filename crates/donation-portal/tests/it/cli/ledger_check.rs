//! `ledger check`.

use rusqlite::Connection;

use crate::cli::assert_done;
use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on, home_with};
use crate::support::Result;
use crate::support::home::{On, TestHome};

fn gifts() -> Vec<String> {
    ["pi_1", "pi_2"].map(|id| gift(id, 5000, "jpy", MIDNIGHT_IN_TOKYO)).into()
}

on_each_store! {
    a_ledger_that_adds_up_is_proved
}

fn a_ledger_that_adds_up_is_proved(on: On) -> Result {
    let said = home_on(on, &gifts())?.run(&["ledger", "check"])?;
    assert_done(&said);
    let proof =
        "no differences: the stored values of every payment and invoice follow from the ledger\n";
    assert_eq!((&*said.stdout, &*said.stderr), (proof, ""));
    Ok(())
}

fn damage(home: &TestHome) -> Result {
    Ok(Connection::open(home.database())?
        .execute_batch("update payment set refunded = 700 where id = 'pi_2'")?)
}

#[test]
fn what_differs_is_named_and_repaired_on_request() -> Result {
    let home = home_with(&gifts())?;
    let before = home.run(&["donations", "list", "--format", "json"])?.stdout;
    damage(&home)?;
    let said = home.run(&["ledger", "check"])?;
    assert_eq!((said.code, &*said.stdout), (Some(1), "pi_2 differs\n"));
    assert!(said.stderr.contains("ledger check --repair"), "{}", said.stderr);
    assert_ne!(home.run(&["donations", "list", "--format", "json"])?.stdout, before);
    let said = home.run(&["ledger", "check", "--repair"])?;
    assert_done(&said);
    assert_eq!(said.stdout, "pi_2 differs\n1 row updated\n");
    assert_eq!(home.run(&["donations", "list", "--format", "json"])?.stdout, before);
    assert_done(&home.run(&["ledger", "check"])?);
    Ok(())
}
