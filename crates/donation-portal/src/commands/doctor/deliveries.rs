//! The deliveries of Stripe: the last one that was recorded, beside those that are refused now. A test
//! delivery cannot tell, because it is signed with the secret that may be the wrong one.

use jiff::tz::TimeZone;
use portal_domain::alert::LikelyCause;
use portal_domain::money::number_for_people;
use portal_domain::{Alert, UnixSeconds};
use portal_outbound::{Language, duration};
use portal_service::period::in_zone;
use portal_service::status::{LastDelivery, OpenAlert, StoreStatus};

use super::finding::{Check, CheckFinding, Level};

pub(super) fn judge(status: &StoreStatus, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    let last = last(status.last_delivery, zone, now);
    let Some((level, refused, advice)) = status.open_alerts.iter().find_map(refused) else {
        return CheckFinding::ok(Check::Deliveries, last);
    };
    CheckFinding::to_do(Check::Deliveries, level, format_args!("{refused}; {last}"), advice)
}

fn last(last: LastDelivery, zone: &TimeZone, now: UnixSeconds) -> String {
    let at = match last {
        LastDelivery::At(at) => at,
        LastDelivery::NotRecent => {
            return "none of the last 1,000 events was delivered by Stripe".to_owned();
        }
        LastDelivery::NoEvent => return "no event is recorded yet".to_owned(),
    };
    let age = duration(now.since(at).max(0), Language::En);
    format!("the last delivery was recorded at {}, {age} ago", in_zone(at, zone))
}

/// Returns what the open alert on refused signatures says, and the advice for its cause.
fn refused(open: &OpenAlert) -> Option<(Level, String, &'static str)> {
    let Alert::SignatureRefusals { count, accepted, cause, .. } = &open.alert else { return None };
    let (level, why, advice) = match cause {
        LikelyCause::WrongSecret => (
            Level::Wrong,
            "their signatures fit no configured secret",
            "compare the masked STRIPE_WEBHOOK_SECRET that `donation-portal config` shows with the endpoint's signing secret in Stripe's Dashboard (Workbench → Webhooks); a test delivery is signed with the same secret and cannot tell",
        ),
        LikelyCause::Clock => (
            Level::Wrong,
            "their timestamps are outside the tolerance",
            "correct this machine's clock (timedatectl set-ntp true)",
        ),
        LikelyCause::Forged => (
            Level::Warning,
            "Stripe's own are accepted meanwhile, so somebody forges them",
            "nothing needs repair; the proxy's log has the senders",
        ),
        LikelyCause::Scanner => (
            Level::Warning,
            "they have no signature that Stripe would send",
            "nothing needs repair; the proxy's log has the senders",
        ),
    };
    let (count, accepted) = (number_for_people(*count), number_for_people(*accepted));
    let found = format!("deliveries are refused ({count}, beside {accepted} accepted): {why}");
    Some((level, found, advice))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use portal_contract::at;
    use portal_domain::alert::LikelyCause;
    use portal_domain::{Alert, Backlog};
    use portal_service::status::{LastDelivery, LastHour, OpenAlert, StoreStatus};

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
        };
        judge(&status, &TimeZone::UTC, at(7200))
    }

    #[test]
    fn a_wrong_secret_is_wrong_although_the_test_delivery_is_well() {
        let found = judged(Some(LikelyCause::WrongSecret));
        assert_eq!(found.level, Level::Wrong);
        assert!(found.found.starts_with("deliveries are refused (10, beside 0 accepted): "));
        assert!(found.found.ends_with(", 2 h ago"), "{}", found.found);
    }

    #[test]
    fn a_stranger_who_forges_is_a_warning_and_none_is_as_it_should_be() {
        assert_eq!(judged(Some(LikelyCause::Scanner)).level, Level::Warning);
        assert_eq!(judged(None).level, Level::Ok);
    }
}
