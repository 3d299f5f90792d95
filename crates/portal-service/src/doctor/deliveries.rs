//! The deliveries of Stripe: the last one that was recorded, beside those that are refused now. A test
//! delivery cannot tell, because it is signed with the secret that may be the wrong one.

use jiff::tz::TimeZone;
use portal_domain::alert::LikelyCause;
use portal_domain::money::number_for_people;
use portal_domain::{Alert, Text, UnixSeconds, text};
use portal_outbound::{Language, duration};

use super::clock::correct_clock;
use super::finding::{Check, CheckFinding, Level};
use crate::period::text_in_zone;
use crate::status::{LastDelivery, OpenAlert, StoreStatus};

pub(super) fn judge(status: &StoreStatus, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    let last = last(status.last_delivery, zone, now);
    let Some((level, refused, advice)) = status.open_alerts.iter().find_map(refused) else {
        return CheckFinding::ok(Check::Deliveries, last);
    };
    CheckFinding::to_do(Check::Deliveries, level, refused.then(&last), advice)
}

fn last(last: LastDelivery, zone: &TimeZone, now: UnixSeconds) -> Text {
    let at = match last {
        LastDelivery::At(at) => at,
        LastDelivery::NotRecent => {
            return text!(
                "none of the last 1,000 events was delivered by Stripe",
                "最新の 1,000 件のうち、Stripe から配信されたイベントはありません"
            );
        }
        LastDelivery::NoEvent => {
            return text!("no event is recorded yet", "イベントはまだ記録されていません");
        }
    };
    let [age, age_ja] = Language::ALL.map(|it| duration(now.since(at).max(0), it));
    let Text { en, ja } = text_in_zone(at, zone);
    text!(
        "the last delivery was recorded at {en}, {age} ago",
        "最後の配信は {ja}（{age_ja}前）に記録されました"
    )
}

/// Returns what the open alert on refused signatures says, and the advice for its cause.
fn refused(open: &OpenAlert) -> Option<(Level, Text, Text)> {
    let Alert::SignatureRefusals { count, accepted, cause, .. } = &open.alert else { return None };
    let (level, why, advice) = match cause {
        LikelyCause::WrongSecret => (
            Level::Wrong,
            text!(
                "their signatures fit no configured secret",
                "署名が、設定されたどのシークレットとも一致しません"
            ),
            text!(
                "compare the masked STRIPE_WEBHOOK_SECRET that `donation-portal config` shows with the endpoint's signing secret in Stripe's Dashboard (Workbench → Webhooks); a test delivery is signed with the same secret and cannot tell",
                "`donation-portal config` が示す STRIPE_WEBHOOK_SECRET（一部を伏せたもの）を、Stripe のダッシュボード（ワークベンチ → Webhook）にあるエンドポイントの署名シークレットと照合してください。試しの配信は同じシークレットで署名するため、これを見分けられません"
            ),
        ),
        LikelyCause::Clock => (
            Level::Wrong,
            text!("their timestamps are outside the tolerance", "署名時刻が許容範囲を外れています"),
            correct_clock(),
        ),
        LikelyCause::Forged => (
            Level::Warning,
            text!(
                "Stripe's own are accepted meanwhile, so somebody forges them",
                "Stripe からの配信は受け付けているため、第三者による偽造です"
            ),
            nothing_to_repair(),
        ),
        LikelyCause::Scanner => (
            Level::Warning,
            text!(
                "they have no signature that Stripe would send",
                "Stripe が送るような署名がありません"
            ),
            nothing_to_repair(),
        ),
    };
    let (count, accepted) = (number_for_people(*count), number_for_people(*accepted));
    let found = text!(
        "deliveries are refused ({count}, beside {accepted} accepted)",
        "配信を拒否しています（{count} 件。受け付けたものは {accepted} 件）"
    );
    Some((level, found.about(&why), advice))
}

fn nothing_to_repair() -> Text {
    text!(
        "nothing needs repair; the proxy's log has the senders",
        "修復は不要です。送信元はプロキシのログで分かります"
    )
}

#[cfg(test)]
mod tests {
    use crate::status::{LastDelivery, LastHour, OpenAlert, StoreStatus};
    use jiff::tz::TimeZone;
    use portal_contract::at;
    use portal_domain::alert::LikelyCause;
    use portal_domain::{Alert, Backlog};

    use super::super::finding::{CheckFinding, Level};
    use super::judge;

    fn judged(cause: Option<LikelyCause>) -> CheckFinding {
        let open = |cause| {
            let alert = Alert::SignatureRefusals {
                count: 10,
                accepted: 0,
                window_seconds: 60,
                cause,
                ahead_seconds: None,
            };
            OpenAlert { key: alert.key(), alert, since: at(1), channels: Vec::new() }
        };
        let status = StoreStatus {
            last_delivery: LastDelivery::At(at(0)),
            last_hour: LastHour::default(),
            backlog: Backlog::default(),
            open_alerts: cause.map(open).into_iter().collect(),
            jobs: Vec::new(),
            reads_spent: 0,
            backup_at: None,
            clock: None,
        };
        judge(&status, &TimeZone::UTC, at(7200))
    }

    #[test]
    fn a_wrong_secret_is_wrong_although_the_test_delivery_is_well() {
        let found = judged(Some(LikelyCause::WrongSecret));
        assert_eq!(found.level, Level::Wrong);
        assert!(found.found.en.starts_with("deliveries are refused (10, beside 0 accepted): "));
        assert!(found.found.en.ends_with(", 2 h ago"), "{:?}", found.found);
    }

    #[test]
    fn a_stranger_who_forges_is_a_warning_and_none_is_as_it_should_be() {
        assert_eq!(judged(Some(LikelyCause::Scanner)).level, Level::Warning);
        assert_eq!(judged(None).level, Level::Ok);
    }
}
