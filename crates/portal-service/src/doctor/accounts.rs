//! The accounts whose events about money arrive: the portal's own, and connected ones, which are
//! ignored.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use portal_domain::connected_accounts::{self, MoneyEvents};
use portal_domain::money::counted;
use portal_domain::monitor::PAST;
use portal_domain::{
    AccountPath, ConnectedEvents, DeliveryHistory, Event, EventFilter, FactsKind, IgnoredReason,
    State, Store, StoreError, Text, UnixSeconds, text,
};

use super::finding::{Check, CheckFinding};
use crate::period::text_in_zone;

/// The number of latest events searched for accounts. A limit keeps the search equally fast in a
/// large inbox.
const LATEST: u32 = 1000;

/// The maximum number of accounts named.
const NAMED_MAX: usize = 3;

const DAYS: i64 = PAST.as_secs() / (24 * 3600);

pub(super) async fn check(store: &dyn Store, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    let look: Result<_, StoreError> = async {
        let past = store.delivery_history(now.after(-PAST)).await?;
        let latest = match past.connected {
            Some(_) => store.events(&EventFilter::latest(LATEST)).await?,
            None => Vec::new(),
        };
        Ok((past, latest))
    }
    .await;
    let what = text!("read the delivery history", "配信の履歴を読み取れません");
    match look {
        Ok((past, latest)) => judge(&past, &latest, zone, now),
        Err(error) => CheckFinding::store_failed(Check::Accounts, &what, &error),
    }
}

fn judge(
    past: &DeliveryHistory,
    latest: &[Event],
    zone: &TimeZone,
    now: UnixSeconds,
) -> CheckFinding {
    let Some(connected) = &past.connected else {
        return CheckFinding::ok(
            Check::Accounts,
            text!(
                "no event about money of a connected account was ignored in {DAYS} days",
                "{DAYS} 日間に、対象外とした連結アカウントの寄付のイベントはありません"
            ),
        );
    };
    let found = ignored(connected, latest, zone).then(&own(past, zone));
    let advice = text!(
        "if one of these accounts is your own, register an endpoint in that account itself, for its own events, instead of one for connected accounts or an organization",
        "この中に自分のアカウントがあれば、連結アカウントや組織のエンドポイントではなく、そのアカウント自体のエンドポイントを登録してください"
    );
    match connected_accounts::judge(past, now) {
        MoneyEvents::Own => CheckFinding {
            advice: Some(
                text!("this is normal on a platform", "プラットフォームでは正常です").then(&advice),
            ),
            ..CheckFinding::ok(Check::Accounts, found)
        },
        MoneyEvents::ConnectedOnly(_) => CheckFinding::wrong(
            Check::Accounts,
            found,
            advice.then(&text!(
                "then run `donation-portal reconcile --since …` with a key of that account to record what was ignored",
                "その後、そのアカウントのキーで `donation-portal reconcile --since …` を実行すると、対象外としたものが記録されます"
            )),
        ),
        MoneyEvents::Neither => CheckFinding::warning(Check::Accounts, found, advice),
    }
}

/// Returns what was ignored of connected accounts.
fn ignored(connected: &ConnectedEvents, latest: &[Event], zone: &TimeZone) -> Text {
    let events = connected.events;
    let counted = counted(events, "event");
    let Text { en, ja } = text_in_zone(connected.last_received_at, zone);
    let found = text!(
        "{counted} about money of connected accounts ignored in {DAYS} days, the last at {en}",
        "{DAYS} 日間に、連結アカウントの寄付のイベント {events} 件を対象外としました（最後は {ja}）"
    );
    match named(connected, latest) {
        None => found,
        Some(names) => {
            let Text { en, ja } = found;
            text!("{en}, of {names}", "{ja}: {names}")
        }
    }
}

/// Returns the last event of the own account.
fn own(past: &DeliveryHistory, zone: &TimeZone) -> Text {
    match past.own_money_at {
        Some(at) => {
            let Text { en, ja } = text_in_zone(at, zone);
            text!(
                "the last event of the portal's own account arrived at {en}",
                "ポータル自身のアカウントの最後のイベントは {ja} に届きました"
            )
        }
        None => text!(
            "no event of the portal's own account arrived",
            "ポータル自身のアカウントのイベントは届いていません"
        ),
    }
}

/// Lists the accounts that the latest events name.
fn named(connected: &ConnectedEvents, latest: &[Event]) -> Option<String> {
    let accounts =
        latest.iter().filter(|it| is_ignored_money(it)).filter_map(|it| it.account.as_ref());
    let accounts: BTreeSet<&str> =
        accounts.chain(&connected.account).map(AccountPath::as_str).collect();
    let mut names: Vec<&str> = accounts.iter().copied().take(NAMED_MAX).collect();
    if accounts.len() > NAMED_MAX {
        names.push("…");
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn is_ignored_money(event: &Event) -> bool {
    event.state == State::Ignored(IgnoredReason::ConnectedAccount)
        && FactsKind::of(&event.event_type).is_some_and(|it| it != FactsKind::Subscription)
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};
    use portal_domain::{AccountPath, ConnectedEvents, DeliveryHistory, UnixSeconds};

    use super::super::finding::Level;
    use super::judge;

    const NOW: i64 = 1_795_355_400;

    fn tokyo() -> TimeZone {
        TimeZone::fixed(Offset::constant(9))
    }

    fn ago(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(NOW - seconds).unwrap()
    }

    fn past(own: Option<i64>, connected: Option<i64>) -> DeliveryHistory {
        let connected = connected.map(|seconds| ConnectedEvents {
            events: 3,
            last_received_at: ago(seconds),
            account: AccountPath::new("acct_1"),
        });
        DeliveryHistory { own_money_at: own.map(ago), connected, ..DeliveryHistory::default() }
    }

    #[test]
    fn only_events_of_connected_accounts_are_wrong() {
        let found = judge(&past(None, Some(60)), &[], &tokyo(), ago(0));
        assert_eq!(found.level, Level::Wrong);
        assert_eq!(
            &*found.found.en,
            "3 events about money of connected accounts ignored in 28 days, the last at 2026-11-22 22:49:00 +09:00, of acct_1; no event of the portal's own account arrived",
        );
        assert!(found.advice.unwrap().en.contains("in that account itself"));
    }

    #[test]
    fn beside_events_of_the_own_account_they_are_only_reported() {
        let found = judge(&past(Some(120), Some(60)), &[], &tokyo(), ago(0));
        assert_eq!(found.level, Level::Ok);
        assert!(found.found.en.contains("3 events"), "{:?}", found.found);
        assert!(found.advice.unwrap().en.starts_with("this is normal on a platform"));
    }

    #[test]
    fn where_nothing_comes_any_more_they_are_a_warning() {
        let week = 7 * 24 * 3600;
        assert_eq!(judge(&past(None, Some(week + 1)), &[], &tokyo(), ago(0)).level, Level::Warning);
    }

    #[test]
    fn where_there_are_none_it_is_as_it_should_be() {
        for own in [None, Some(60)] {
            assert_eq!(judge(&past(own, None), &[], &tokyo(), ago(0)).level, Level::Ok);
        }
    }
}
