//! The last completeness report.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_domain::report::Verdict;
use portal_domain::{Report, Store, Text, UnixSeconds, text};

use super::finding::{Check, CheckFinding};
use crate::period::text_in_zone;

/// The age from which on the last report is a warning: the server makes one every day.
const OLD: SignedDuration = SignedDuration::from_hours(48);

pub(super) async fn check(store: &dyn Store, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    match store.reports(None, 1).await {
        Ok(reports) => judge(reports.first(), zone, now),
        Err(error) => {
            let what = text!("read the reports", "照合レポートを読み取れません");
            CheckFinding::store_failed(Check::Report, &what, &error)
        }
    }
}

fn judge(last: Option<&(u64, Report)>, zone: &TimeZone, now: UnixSeconds) -> CheckFinding {
    let Some((number, report)) = last else {
        return CheckFinding::warning(
            Check::Report,
            text!("there is no completeness report yet", "照合レポートはまだありません"),
            text!(
                "run the server with STRIPE_SECRET_KEY, which makes one within minutes, or run `donation-portal reconcile`",
                "STRIPE_SECRET_KEY を設定してサーバーを起動すると数分以内に作成されます。`donation-portal reconcile` でも作成できます"
            ),
        );
    };
    let (verdict, made_at) = (report.verdict(), report.made_at);
    let Text { en, ja } = text_in_zone(made_at, zone);
    let found = text!("report {number} of {en}", "照合レポート {number}（{ja}）");
    let found = found.about(&verdict.text());
    match verdict {
        Verdict::Differences | Verdict::Unknown => CheckFinding::wrong(
            Check::Report,
            found,
            text!(
                "see the findings with `donation-portal reports show {number}`; repair them, then run `donation-portal reconcile`",
                "`donation-portal reports show {number}` で内容を確認して解決し、`donation-portal reconcile` を実行してください"
            ),
        ),
        Verdict::Complete if now.since(made_at) > OLD.as_secs() => CheckFinding::warning(
            Check::Report,
            found.then(&text!("none since", "その後のレポートはありません")),
            text!(
                "check whether the server runs with this key, or run `donation-portal reconcile`",
                "サーバーがこのキーで動いているかを確認するか、`donation-portal reconcile` を実行してください"
            ),
        ),
        Verdict::Complete => CheckFinding::ok(Check::Report, found),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::{Offset, TimeZone};
    use portal_domain::{ReadError, Report, Resource, UnixSeconds, Window};

    use super::super::finding::Level;
    use super::judge;

    fn report() -> Report {
        let at = UnixSeconds::new(1_795_355_400).unwrap();
        Report::new(Window { since: at, until: at }, true)
    }

    fn level(report: Report, hours: i64) -> Level {
        let now = report.made_at.after(SignedDuration::from_hours(hours));
        judge(Some(&(7, report)), &TimeZone::UTC, now).level
    }

    #[test]
    fn a_complete_report_of_today_is_as_it_should_be() {
        assert_eq!(level(report(), 48), Level::Ok);
    }

    #[test]
    fn its_time_is_that_of_the_time_zone() {
        let (report, tokyo) = (report(), TimeZone::fixed(Offset::constant(9)));
        let now = report.made_at;
        let found = judge(Some(&(7, report)), &tokyo, now).found;
        assert_eq!(&*found.en, "report 7 of 2026-11-22 22:50:00 +09:00: complete");
    }

    #[test]
    fn none_or_an_old_one_is_a_warning() {
        assert_eq!(judge(None, &TimeZone::UTC, UnixSeconds::default()).level, Level::Warning);
        assert_eq!(level(report(), 49), Level::Warning);
    }

    #[test]
    fn one_that_is_not_complete_is_wrong() {
        let mut unread = report();
        unread.unread_resource(Resource::Events, ReadError::TimedOut);
        assert_eq!(level(unread, 1), Level::Wrong);
        let open = Report { open: 1, ..report() };
        assert_eq!(level(open, 1), Level::Wrong);
    }
}
