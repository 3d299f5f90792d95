//! `alerts list`.

use jiff::SignedDuration;
use portal_contract::block_on;
use portal_domain::{Action, Alert, AlertChange, NotificationOutcome, UnixSeconds};
use serde_json::{Value, json};

use crate::cli::ledger::MIDNIGHT_IN_TOKYO;
use crate::cli::{assert_done, rows};
use crate::support::Result;
use crate::support::home::{On, TestHome};

/// Returns a home with an alert that ended before any notification, and an open one that a channel
/// was notified of.
fn home(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let store = home.store()?;
    let at = |second: i64| UnixSeconds::new(MIDNIGHT_IN_TOKYO + second).ok_or("no such moment");
    let old = Alert::Silence { last_received_at: at(0)?, usual_seconds: 400 };
    let raise = |alert: &Alert| [AlertChange::Raise(alert.clone())];
    block_on(store.raise(&raise(&Alert::Test), at(1)?))?;
    for channel in ["slack-1", "discord-1"] {
        let lease = SignedDuration::from_secs(60);
        let claimed =
            block_on(store.lease_notification(channel, lease, at(1)?))?.ok_or("nothing to tell")?;
        block_on(store.finish_notification(channel, &claimed.outcome(Ok(())), at(2)?))?;
    }
    block_on(store.raise(&raise(&old), at(3)?))?;
    block_on(store.raise(&raise(&old), at(4)?))?;
    block_on(store.raise(&[AlertChange::Resolve(old.key())], at(5)?))?;
    Ok(home)
}

on_each_store! {
    alerts_are_listed_with_the_channels_notified
    a_line_of_json_holds_to_its_contract
}

fn alerts_are_listed_with_the_channels_notified(on: On) -> Result {
    let home = home(on)?;
    let table = home.run(&["alerts", "list"])?;
    assert_done(&table);
    assert_eq!(
        rows(&table),
        [
            "key kind severity state count since changed notified",
            "silence silence error ended 2 2026-11-21T15:00:03Z 2026-11-21T15:00:05Z",
            "test test info open 1 2026-11-21T15:00:01Z 2026-11-21T15:00:01Z discord-1, slack-1",
        ]
    );
    let csv = home.run(&["alerts", "list", "--format", "csv"])?;
    assert_eq!(
        csv.stdout,
        "key,kind,severity,state,count,since,changed_at,notified\n\
         silence,silence,error,ended,2,1795273203,1795273205,\n\
         test,test,info,open,1,1795273201,1795273201,discord-1 slack-1\n"
    );
    Ok(())
}

fn a_line_of_json_holds_to_its_contract(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["alerts", "list", "--format", "json"])?;
    assert_done(&said);
    let lines: Vec<Value> = crate::cli::donations::lines(&said)?;
    let due = json!({
        "key": "test", "kind": "test", "severity": "info", "state": "open", "count": 1,
        "since": 1_795_273_201, "changed_at": 1_795_273_201, "notified": ["discord-1", "slack-1"],
    });
    assert_eq!(lines[1], due);
    assert_eq!(lines[0]["notified"], json!([]));
    let one = home.run(&["alerts", "list", "--format", "json", "--limit", "1"])?;
    assert_eq!(one.stdout.lines().count(), 1);
    Ok(())
}
