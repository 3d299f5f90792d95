//! `alerts list`.

use jiff::SignedDuration;
use portal_contract::block_on;
use portal_domain::{Alert, AlertChange, UnixSeconds};

use crate::cli::ledger::MIDNIGHT_IN_TOKYO;
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
    block_on(store.raise(&raise(&Alert::test(UnixSeconds::default())), at(1)?))?;
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

transcripts! { "alerts", on_each_store;
    home =>
        alerts_are_listed_with_the_channels_notified
        a_line_of_json_holds_to_its_contract
        an_alert_is_acknowledged_and_silenced_for_a_while
        what_cannot_be_silenced_is_said;
}
