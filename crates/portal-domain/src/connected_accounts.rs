//! Detects an endpoint that receives only the events of connected accounts.
//!
//! Their events about money are ignored, which is normal on a platform and a loss of all donations
//! if the endpoint was meant for the portal's own account.

use jiff::SignedDuration;

use crate::alert::{Alert, AlertChange, CONNECTED_ACCOUNTS_ONLY};
use crate::ports::{ConnectedEvents, DeliveryHistory};
use crate::time::UnixSeconds;

/// The age up to which an event counts as recent. With less than a week, a quiet day would look
/// like a change; with more, the alert about an endpoint that was changed by mistake would come
/// later.
pub const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The accounts whose events about money were received recently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyEvents<'p> {
    Own,
    /// Connected accounts only; the portal's own account sent none.
    ConnectedOnly(&'p ConnectedEvents),
    /// No event about money was received at all.
    Neither,
}

/// Classifies the events about money in `history` that are not older than [`RECENT`].
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

/// Raises [`Alert::ConnectedAccountsOnly`], or resolves it once an event of the portal's own
/// account is received.
///
/// An end of the connected accounts' events does not resolve it, because the portal's own donations
/// are still missing.
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

    /// Returns a history in which the last events were received so many seconds ago.
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
    fn only_events_of_connected_accounts_raise_the_alert() {
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
    fn without_recent_events_there_is_no_alert() {
        let week = RECENT.as_secs();
        for (own, connected) in [(None, None), (Some(week + 1), None), (None, Some(week + 1))] {
            assert_eq!(change(&past(own, connected), ago(0)), None, "{own:?} {connected:?}");
        }
    }
}
