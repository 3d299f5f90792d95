//! Events about money that are ignored because connected accounts made them: usual at a platform, and
//! a loss of all donations where the account is the portal's own.

use jiff::SignedDuration;

use crate::alert::{Alert, AlertChange, CONNECTED_ACCOUNTS_ONLY};
use crate::ports::{ConnectedEvents, DeliveryHistory};
use crate::time::UnixSeconds;

/// Within how long an event must have come to say that such events come. Less than a week would have
/// its quiet days; more would notification later that an endpoint was changed by mistake.
pub const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whose events about money have come lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyEvents<'p> {
    /// Those of the portal's own account.
    Own,
    /// Those of connected accounts, and none of the portal's own.
    ConnectedOnly(&'p ConnectedEvents),
    /// None.
    Neither,
}

/// Judges whose events about money have come, by the past of at least [`RECENT`].
#[must_use]
pub fn judge(past: &DeliveryHistory, now: UnixSeconds) -> MoneyEvents<'_> {
    let is_recent = |at: UnixSeconds| now.since(at) <= RECENT.as_secs();
    if past.own_money_at.is_some_and(is_recent) {
        return MoneyEvents::Own;
    }
    match past.connected.as_ref().filter(|it| is_recent(it.last_received_at)) {
        Some(connected) => MoneyEvents::ConnectedOnly(connected),
        None => MoneyEvents::Neither,
    }
}

/// Raises [`Alert::ConnectedAccountsOnly`], or ends it when an event of the portal's own account has
/// come. That no more come of connected accounts ends nothing: donations are missing still.
#[must_use]
pub fn change(past: &DeliveryHistory, now: UnixSeconds) -> Option<AlertChange> {
    match judge(past, now) {
        MoneyEvents::Own => Some(AlertChange::Resolve(CONNECTED_ACCOUNTS_ONLY.into())),
        MoneyEvents::ConnectedOnly(connected) => {
            let ConnectedEvents { events, last_received_at, account } = connected.clone();
            let alert = Alert::ConnectedAccountsOnly { account, events, last_received_at };
            Some(AlertChange::Raise(alert))
        }
        MoneyEvents::Neither => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{RECENT, change};
    use crate::alert::{Alert, AlertChange, CONNECTED_ACCOUNTS_ONLY};
    use crate::ids::AccountPath;
    use crate::ports::{ConnectedEvents, DeliveryHistory};
    use crate::time::UnixSeconds;

    const NOW: i64 = 1_795_355_400;

    /// A past in which events came so many seconds ago: of the own account, and of a connected one.
    fn past(own: Option<i64>, connected: Option<i64>) -> DeliveryHistory {
        DeliveryHistory {
            own_money_at: own.map(ago),
            connected: connected.map(|seconds| ConnectedEvents {
                events: 3,
                last_received_at: ago(seconds),
                account: AccountPath::new("acct_1"),
            }),
            ..DeliveryHistory::default()
        }
    }

    fn ago(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(NOW - seconds).unwrap()
    }

    #[test]
    fn only_events_of_connected_accounts_are_a_trouble() {
        let alert = Alert::ConnectedAccountsOnly {
            account: AccountPath::new("acct_1"),
            events: 3,
            last_received_at: ago(60),
        };
        let week = RECENT.as_secs();
        for own in [None, Some(week + 1)] {
            let raised = change(&past(own, Some(60)), ago(0));
            assert_eq!(raised, Some(AlertChange::Raise(alert.clone())), "{own:?}");
        }
    }

    #[test]
    fn events_of_the_own_account_end_it_whatever_else_comes() {
        let ended = Some(AlertChange::Resolve(CONNECTED_ACCOUNTS_ONLY.into()));
        for connected in [None, Some(60)] {
            assert_eq!(change(&past(Some(RECENT.as_secs()), connected), ago(0)), ended);
        }
    }

    #[test]
    fn where_nothing_comes_nothing_is_said() {
        let week = RECENT.as_secs();
        for (own, connected) in [(None, None), (Some(week + 1), None), (None, Some(week + 1))] {
            assert_eq!(change(&past(own, connected), ago(0)), None, "{own:?} {connected:?}");
        }
    }
}
