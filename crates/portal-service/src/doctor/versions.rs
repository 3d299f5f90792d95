//! The API versions that do not link a renewal with its payment: payments in them stay provisional
//! unless Stripe is asked for the link.

use jiff::tz::TimeZone;
use portal_domain::connected_accounts::RECENT;
use portal_domain::endpoint::{SeenEndpoint, lacks_invoice_links};
use portal_domain::money::counted;
use portal_domain::{EnumWord, Event, EventFilter, Store, Text, UnixSeconds, text};

use super::finding::{Check, CheckFinding};
use crate::period::text_in_zone;

/// The number of latest events searched for versions. A limit keeps the search equally fast in a
/// large inbox.
const LATEST: u32 = 1000;

/// Judges the versions of the endpoints, if they are known, and of the last events.
pub(super) async fn check(
    store: Option<&dyn Store>,
    endpoints: &[SeenEndpoint],
    has_key: bool,
    zone: &TimeZone,
    now: UnixSeconds,
) -> Vec<CheckFinding> {
    let Some(store) = store else { return judge(endpoints, &[], has_key, zone, now) };
    match store.events(&EventFilter::latest(LATEST)).await {
        Ok(latest) => judge(endpoints, &latest, has_key, zone, now),
        Err(error) => {
            let what = text!("read the inbox", "受信箱を読み取れません");
            vec![CheckFinding::store_failed(Check::Versions, &what, &error)]
        }
    }
}

fn judge(
    endpoints: &[SeenEndpoint],
    latest: &[Event],
    has_key: bool,
    zone: &TimeZone,
    now: UnixSeconds,
) -> Vec<CheckFinding> {
    let of_endpoints = endpoints.iter().filter(|it| it.is_enabled).filter_map(|it| {
        let version = it.api_version.as_ref().filter(|it| lacks_invoice_links(it))?;
        let id = &it.id;
        Some(text!(
            "the endpoint ({id}) uses API version {version}",
            "エンドポイント（{id}）の API バージョンは {version} で"
        ))
    });
    let mut found: Vec<Text> = of_endpoints.collect();
    found.extend(of_events(latest, zone, now));
    if found.is_empty() {
        let well = text!(
            "every API version in use links renewals with their payments",
            "使用中の API バージョンはすべて、継続寄付の請求書とその決済を結び付けられます"
        );
        return vec![CheckFinding::ok(Check::Versions, well)];
    }
    found.iter().map(|found| of(found, has_key)).collect()
}

/// Returns the finding about recent events. Older ones do not count, because the endpoint may have
/// been upgraded since.
fn of_events(latest: &[Event], zone: &TimeZone, now: UnixSeconds) -> Option<Text> {
    let is_recent = |it: &&Event| now.since(it.received_at) <= RECENT.as_secs();
    let version =
        |it: &&Event| it.api_version.as_ref().filter(|it| lacks_invoice_links(it)).cloned();
    let own = latest.iter().filter(|it| it.account.is_none()).filter(is_recent);
    let mut lacking = own.filter_map(|it| Some((version(&it)?, it.received_at)));
    let (last, at): (EnumWord, UnixSeconds) = lacking.next()?;
    let count = lacking.count() as u64 + 1;
    let (events, days) = (counted(count, "event"), RECENT.as_hours() / 24);
    let Text { en, ja } = text_in_zone(at, zone);
    Some(text!(
        "{events} of {days} days arrived in API version {last}, the last at {en}",
        "{days} 日間のイベント {count} 件（最後は {ja}）の API バージョンは {last} などで"
    ))
}

fn of(found: &Text, has_key: bool) -> CheckFinding {
    let Text { en, ja } = found;
    let found = text!(
        "{en}, which does not link payments with their invoices",
        "{ja}、決済と請求書が結び付きません"
    );
    let raise = text!(
        "register the endpoint again with API version 2025-09-30.clover or newer, then disable this one",
        "API バージョン 2025-09-30.clover 以降でエンドポイントを登録し直し、このエンドポイントを無効にしてください"
    );
    if has_key {
        let asked = text!("Stripe is asked for each payment", "決済ごとに Stripe に照会しています");
        let Text { en, ja } = raise;
        let advice = Some(text!("to save these reads, {en}", "読み取りを減らすには、{ja}"));
        return CheckFinding { advice, ..CheckFinding::ok(Check::Versions, found.about(&asked)) };
    }
    let provisional = text!(
        "payments of renewals stay provisional, and totals lack their refunds and disputes",
        "継続寄付の決済が未確定のまま残り、合計に返金と不審請求の申し立てが反映されません"
    );
    CheckFinding::warning(
        Check::Versions,
        found.about(&provisional),
        raise.then(&text!(
            "or set STRIPE_SECRET_KEY, so that Stripe is asked for the invoice",
            "または、請求書を Stripe に照会できるように STRIPE_SECRET_KEY を設定してください"
        )),
    )
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};
    use portal_contract::an_event;
    use portal_domain::endpoint::SeenEndpoint;
    use portal_domain::{AccountPath, EnumWord, Event, ObjectId, UnixSeconds};

    use super::super::finding::{CheckFinding, Level};
    use super::judge;

    const NOW: i64 = 1_795_355_400;

    fn endpoint(is_enabled: bool, version: &str) -> SeenEndpoint {
        let api_version = EnumWord::new(version);
        let id = ObjectId::new("we_1").unwrap();
        SeenEndpoint { id, is_enabled, api_version, takes_all: false, types: vec![] }
    }

    fn event(version: &str, seconds_ago: i64) -> Event {
        Event {
            api_version: EnumWord::new(version),
            received_at: UnixSeconds::new(NOW - seconds_ago).unwrap(),
            ..an_event("evt_1")
        }
    }

    fn judged(endpoints: &[SeenEndpoint], events: &[Event], has_key: bool) -> Vec<CheckFinding> {
        let tokyo = TimeZone::fixed(Offset::constant(9));
        judge(endpoints, events, has_key, &tokyo, UnixSeconds::new(NOW).unwrap())
    }

    #[test]
    fn versions_that_link_renewals_are_as_they_should_be() {
        let events = [event("2025-05-28.basil", 1), event("2024-06-20", 2)];
        let found = judged(&[endpoint(true, "2025-09-30.clover")], &events, false);
        assert!(matches!(&found[..], [one] if one.level == Level::Ok), "{found:?}");
    }

    #[test]
    fn an_endpoint_of_a_version_without_links_is_a_warning() {
        let found = judged(&[endpoint(true, "2025-04-30.basil")], &[], false);
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.level, Level::Warning);
        assert!(one.found.en.contains("(we_1) uses API version 2025-04-30.basil"));
        let advice = &one.advice.as_ref().unwrap().en;
        assert!(advice.contains("2025-09-30.clover") && advice.contains("STRIPE_SECRET_KEY"));
        let disabled = judged(&[endpoint(false, "2025-04-30.basil")], &[], false);
        assert!(matches!(&disabled[..], [one] if one.level == Level::Ok), "{disabled:?}");
    }

    #[test]
    fn recent_events_of_a_version_without_links_are_a_warning() {
        let week = 7 * 24 * 3600;
        let connected =
            Event { account: AccountPath::new("acct_1"), ..event("2025-04-30.basil", 1) };
        let recent = [
            connected.clone(),
            event("2025-04-30.basil", 60),
            event("2025-03-31.basil", 90),
            event("2025-05-28.basil", 95),
            event("2025-03-31.basil", week + 1),
        ];
        let found = judged(&[], &recent, false);
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.level, Level::Warning);
        let due = "2 events of 7 days arrived in API version 2025-04-30.basil, the last at 2026-11-22 22:49:00 +09:00";
        assert!(one.found.en.starts_with(due), "{:?}", one.found);
        let others = judged(&[], &[connected, event("2025-03-31.basil", week + 1)], false);
        assert!(matches!(&others[..], [one] if one.level == Level::Ok), "{others:?}");
    }

    #[test]
    fn with_a_key_stripe_is_asked_for_the_links() {
        let found = judged(&[], &[event("2025-04-30.basil", 60)], true);
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.level, Level::Ok);
        let found = &one.found.en;
        assert!(found.ends_with(": Stripe is asked for each payment"), "{found}");
    }
}
