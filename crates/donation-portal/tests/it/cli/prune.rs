//! `prune`.

use crate::cli::ledger::{gift, record};
use crate::cli::{assert_done, assert_failed};
use crate::support::home::{On, TestHome};
use crate::support::{Result, clock};

const DAY: i64 = 24 * 60 * 60;

/// Returns a home with `count` processed events received `days_ago` days ago, and one received now.
fn home(on: On, count: usize, days_ago: i64) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let now = clock::now()?.get();
    let at = now - days_ago * DAY;
    let old: Vec<_> = (0..count).map(|it| gift(&format!("pi_{it}"), 5000, "jpy", at)).collect();
    record(&home, &old, at)?;
    record(&home, &[gift("pi_new", 5000, "jpy", now)], now)?;
    Ok(home)
}

on_each_store! {
    old_events_are_deleted_and_their_donations_stay
    more_than_a_batch_is_deleted_to_the_last
}

fn old_events_are_deleted_and_their_donations_stay(on: On) -> Result {
    let home = home(on, 3, 91)?;
    let said = home.run(&["prune"])?;
    assert_done(&said);
    assert!(said.stdout.starts_with("3 events received before 20"), "{}", said.stdout);
    assert!(
        said.stdout.ends_with(" +00:00 would be deleted; add --yes to do it\n"),
        "{}",
        said.stdout
    );
    assert_eq!(home.inbox()?.len(), 4);

    let said = home.run(&["prune", "--yes"])?;
    assert_done(&said);
    assert!(said.stdout.starts_with("3 events received before 20"), "{}", said.stdout);
    assert!(said.stdout.ends_with(" +00:00 deleted\n"), "{}", said.stdout);
    assert_eq!(said.stderr, "");
    assert_eq!(home.inbox()?, ["evt_pi_new_payment_intent_succeeded"]);
    let donations = home.run(&["donations", "list", "--format", "json"])?;
    assert_eq!(donations.stdout.lines().count(), 4, "{}", donations.all());

    let again = home.run(&["prune", "--yes"])?;
    assert_done(&again);
    assert!(again.stdout.starts_with("0 events "), "{}", again.stdout);
    Ok(())
}

fn more_than_a_batch_is_deleted_to_the_last(on: On) -> Result {
    let home = home(on, 2001, 40)?;
    let kept = home.run(&["prune", "--older-than-days", "41", "--yes"])?;
    assert!(kept.stdout.starts_with("0 events "), "{}", kept.all());
    let said = home.run(&["prune", "--older-than-days", "30", "--yes"])?;
    assert_done(&said);
    assert!(said.stdout.starts_with("2001 events "), "{}", said.stdout);
    assert_eq!(home.inbox()?.len(), 1);
    Ok(())
}

#[test]
fn what_stripe_may_send_again_is_not_deleted() -> Result {
    let home = home(On::Sqlite, 1, 29)?;
    for days in ["29", "0"] {
        let said = home.run(&["prune", "--older-than-days", days])?;
        assert_failed(&said, 2);
        assert!(said.stderr.contains("30 days"), "{}", said.stderr);
    }
    for days in ["-1", "", "90d", "36501", "99999999999999999999"] {
        let flag = format!("--older-than-days={days}");
        assert_failed(&home.run(&["prune", &flag])?, 2);
    }
    assert_eq!(home.inbox()?.len(), 2);
    assert_done(&home.run(&["prune", "--older-than-days", "36500", "--yes"])?);
    assert_eq!(home.inbox()?.len(), 2);
    Ok(())
}
