//! `donations totals`.

use serde_json::json;

use crate::cli::donations::lines;
use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on, uncertain_gift};
use crate::cli::{assert_done, rows};
use crate::support::Result;
use crate::support::home::{On, TestHome};

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

on_each_store! {
    what_was_paid_is_added_up_by_currency_kind_and_mode
    totals_as_json_and_csv_hold_to_their_contracts
    what_is_provisional_is_in_no_total_and_is_mentioned
    nothing_comes_to_nothing
}

fn what_was_paid_is_added_up_by_currency_kind_and_mode(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["donations", "totals"])?;
    assert_done(&said);
    assert_eq!(
        rows(&said),
        [
            "currency kind mode count gross refunded lost net",
            "jpy one_time live 2 1,239,567 JPY 0 JPY 0 JPY 1,239,567 JPY",
            "kwd one_time live 1 0.001 KWD 0.000 KWD 0.000 KWD 0.001 KWD",
            "usd one_time live 1 5.00 USD 0.00 USD 0.00 USD 5.00 USD",
        ]
    );
    assert_eq!(said.stderr, "");
    Ok(())
}

fn totals_as_json_and_csv_hold_to_their_contracts(on: On) -> Result {
    let home = home(on)?;
    let tokyo = ["--period", "2026-11-22", "--time-zone", "Asia/Tokyo", "--currency", "jpy"];
    let json = home.run(&[&["donations", "totals", "--format", "json"], &tokyo[..]].concat())?;
    assert_done(&json);
    let due = json!({
        "currency": "jpy", "kind": "one_time", "livemode": true, "count": 2,
        "gross": 1_239_567, "refunded": 0, "lost": 0, "net": 1_239_567,
    });
    assert_eq!(lines(&json)?, [due]);
    let csv = home.run(&["donations", "totals", "--format", "csv", "--currency", "usd"])?;
    assert_eq!(
        csv.stdout,
        "currency,kind,livemode,count,gross,refunded,lost,net,gross_decimal,refunded_decimal,\
         lost_decimal,net_decimal\n\
         usd,one_time,true,1,500,0,0,500,5.00,0.00,0.00,5.00\n"
    );
    Ok(())
}

fn what_is_provisional_is_in_no_total_and_is_mentioned(on: On) -> Result {
    let at = MIDNIGHT_IN_TOKYO;
    let home = home_on(
        on,
        &[
            gift("pi_1", 5000, "jpy", at),
            uncertain_gift("pi_2", 700, "jpy", at),
            uncertain_gift("pi_3", 800, "usd", at),
            uncertain_gift("pi_4", 900, "jpy", at - 1),
        ],
    )?;
    let said = home.run(&["donations", "totals", "--since", "1795273200", "--currency", "jpy"])?;
    assert_done(&said);
    assert_eq!(
        rows(&said)[1..],
        [
            "jpy one_time live 1 5,000 JPY 0 JPY 0 JPY 5,000 JPY",
            "jpy provisional live 1 700 JPY 0 JPY 0 JPY 700 JPY",
        ]
    );
    let command = "donation-portal donations list --since 2026-11-21T15:00:00Z --currency jpy \
                   --state paid --provisional";
    let note = format!(
        "1 paid donation not in the totals, because provisional; list them with: {command}\n"
    );
    assert_eq!(said.stderr, note);
    // The suggested command lists exactly these donations.
    let args: Vec<&str> = command.split_whitespace().skip(1).chain(["--format", "csv"]).collect();
    let named = home.run(&args)?;
    assert_done(&named);
    assert_eq!(named.stdout.lines().count(), 2);
    assert!(named.stdout.contains("\npi_2,"), "{}", named.stdout);
    Ok(())
}

fn nothing_comes_to_nothing(on: On) -> Result {
    let home = home_on(on, &[])?;
    let said = home.run(&["donations", "totals", "--format", "json"])?;
    assert_done(&said);
    assert_eq!(said.all(), "");
    Ok(())
}
