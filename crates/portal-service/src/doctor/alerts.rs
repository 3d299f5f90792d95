//! The open alerts, with the channels that were not notified of them.

use portal_domain::alert::Severity;
use portal_domain::{Text, text};

use super::finding::{Check, CheckFinding};
use crate::status::{ChannelState, OpenAlert};

/// The severities, the gravest first.
const SEVERITIES: [Severity; 4] =
    [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];

/// Returns one finding for each severity that has an open alert. None is worse than a warning: the check
/// of its subject says what is wrong now.
pub(super) fn judge(open: &[OpenAlert]) -> Vec<CheckFinding> {
    if open.is_empty() {
        return vec![CheckFinding::ok(
            Check::Alerts,
            text!("no alert is open", "発生中のアラートはありません"),
        )];
    }
    SEVERITIES.into_iter().filter_map(|it| of_severity(open, it)).collect()
}

fn of_severity(open: &[OpenAlert], severity: Severity) -> Option<CheckFinding> {
    let of_it = open.iter().filter(|it| it.alert.severity() == severity);
    let alerts: Vec<_> = of_it.map(with_channels).collect();
    if alerts.is_empty() {
        return None;
    }
    let name = severity.name();
    let (en, ja) =
        alerts.into_iter().map(|Text { en, ja }| (en, ja)).unzip::<_, _, Vec<_>, Vec<_>>();
    let (en, ja) = (en.join(", "), ja.join("、"));
    let found = text!("open with severity {name}: {en}", "発生中のアラート（{name}）: {ja}");
    let advice = text!(
        "see `donation-portal status`, and section 10 of the runbook under each name",
        "`donation-portal status` と、運用手順書 §10 のそれぞれの名前の節を参照してください"
    );
    Some(CheckFinding::warning(Check::Alerts, found, advice))
}

/// Returns the alert's key and the channels that were not notified of it.
fn with_channels(open: &OpenAlert) -> Text {
    let unaware = open.channels.iter().filter(|(_, state)| *state != ChannelState::Sent);
    let names: Vec<&str> = unaware.map(|(name, _)| name.as_str()).collect();
    let key = &open.key;
    if names.is_empty() {
        return Text::same(key);
    }
    let names = names.join(", ");
    text!("{key} (not sent: {names})", "{key}（未送信: {names}）")
}

#[cfg(test)]
mod tests {
    use crate::status::{ChannelState, OpenAlert};
    use portal_contract::at;
    use portal_domain::{Alert, UnixSeconds};

    use super::super::finding::Level;
    use super::judge;

    #[test]
    fn open_alerts_stand_by_severity_with_the_channels_that_do_not_know_them() {
        let open = |alert: Alert, state| OpenAlert {
            key: alert.key(),
            alert,
            since: at(1),
            channels: vec![("slack-1".into(), state)],
        };
        let silence = Alert::Silence { last_received_at: at(0), usual_seconds: 1 };
        let open = [
            open(Alert::test(UnixSeconds::default()), ChannelState::Sent),
            open(silence, ChannelState::Failed),
        ];
        let found: Vec<_> = judge(&open).into_iter().map(|it| (it.level, it.found.en)).collect();
        let due = [
            "open with severity error: silence (not sent: slack-1)",
            "open with severity info: test:0",
        ];
        assert_eq!(found, due.map(|it| (Level::Warning, it.into())));
        assert_eq!(judge(&[])[0].level, Level::Ok);
    }
}
