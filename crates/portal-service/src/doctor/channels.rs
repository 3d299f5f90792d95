//! The notification channels, and how they answered last.

use jiff::tz::TimeZone;
use portal_domain::money::counted;
use portal_domain::{ChannelRow, Store, Text, text};

use super::finding::{Check, CheckFinding};
use crate::period::text_in_zone;
use crate::settings::{Settings, read_usable};

pub(super) async fn check(
    settings: &(impl Settings + Sync),
    store: Option<&dyn Store>,
) -> Vec<CheckFinding> {
    let read = read_usable(settings, |usable| usable.addresses());
    let (addresses, errors) = read.unwrap_or_else(|error| (Vec::new(), vec![error]));
    if !errors.is_empty() {
        let of = |error| CheckFinding::of_setting(Check::Channels, error);
        return errors.into_iter().map(of).collect();
    }
    let names: Vec<_> = addresses.iter().map(|it| it.name()).collect();
    let zone = settings.time_zone().unwrap_or(TimeZone::UTC);
    let states = match store {
        Some(store) => store.channels().await,
        None => Ok(Vec::new()),
    };
    match states {
        Ok(states) => judge(&names, &states, &zone),
        Err(error) => {
            let what = text!("read the state of the channels", "通知先の状態を読み取れません");
            vec![CheckFinding::store_failed(Check::Channels, &what, &error)]
        }
    }
}

fn judge(names: &[&str], states: &[ChannelRow], zone: &TimeZone) -> Vec<CheckFinding> {
    if names.is_empty() {
        return vec![CheckFinding::warning(
            Check::Channels,
            text!(
                "no notification channel is configured: alerts are not sent",
                "通知先が設定されていないため、アラートは送られません"
            ),
            text!(
                "set SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL or PAGERDUTY_ROUTING_KEY",
                "SLACK_WEBHOOK_URL、DISCORD_WEBHOOK_URL、PAGERDUTY_ROUTING_KEY のいずれかを設定してください"
            ),
        )];
    }
    let states: Vec<_> = states.iter().filter(|it| names.contains(&it.name.as_str())).collect();
    let failing: Vec<_> = states.iter().filter_map(|it| of_failing(it, zone)).collect();
    if !failing.is_empty() {
        return failing;
    }
    let last = |it: &ChannelRow| {
        let (name, Text { en, ja }) = (&it.name, text_in_zone(it.taken_at?, zone));
        Some(text!(
            "{name} last took a notification at {en}",
            "{name} への最後の通知は {ja} に送信済みです"
        ))
    };
    let (count, channels) = (names.len(), counted(names.len() as u64, "channel"));
    let configured = text!("{channels} configured", "通知先 {count} 件を設定済みです");
    let last = states.into_iter().filter_map(last);
    let found = last.fold(configured, |found, next| found.then(&next));
    vec![CheckFinding {
        advice: Some(text!(
            "test them with `donation-portal alerts test`",
            "`donation-portal alerts test` で確かめられます"
        )),
        ..CheckFinding::ok(Check::Channels, found)
    }]
}

/// Returns the finding about a channel that did not take its last notification.
fn of_failing(state: &ChannelRow, zone: &TimeZone) -> Option<CheckFinding> {
    let (why, failed_at) = (state.failure?, state.failed_at?);
    let last = match state.taken_at {
        Some(at) => {
            let Text { en, ja } = text_in_zone(at, zone);
            text!("it last took one at {en}", "最後に送信できたのは {ja} です")
        }
        None => text!("it never took one", "一度も送信できていません"),
    };
    let (name, Text { en, ja }) = (&state.name, text_in_zone(failed_at, zone));
    let failed = text!(
        "{name} did not take a notification at {en}",
        "{name} に通知を送れませんでした（{ja}）"
    );
    let found = failed.about(&why.text()).then(&last);
    let advice = text!(
        "see `channel_failing` in the runbook, then test it with `donation-portal alerts test`",
        "運用手順書の `channel_failing` を参照し、`donation-portal alerts test` で確かめてください"
    );
    Some(if state.is_failing {
        CheckFinding::wrong(Check::Channels, found, advice)
    } else {
        CheckFinding::warning(Check::Channels, found, advice)
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use portal_domain::{ChannelRow, NotifyError, SlackError, UnixSeconds};

    use super::super::finding::Level;
    use super::judge;

    fn state(failure: Option<NotifyError>, is_failing: bool) -> ChannelRow {
        let at = |second: i64| UnixSeconds::new(1_795_355_400 + second);
        let (taken_at, failed_at) = (at(0), failure.and_then(|_| at(60)));
        ChannelRow { name: "slack-1".into(), taken_at, failed_at, failure, is_failing }
    }

    fn found(names: &[&str], states: &[ChannelRow]) -> (Level, Box<str>) {
        let finding = judge(names, states, &TimeZone::UTC).remove(0);
        (finding.level, finding.found.en)
    }

    #[test]
    fn without_a_channel_there_is_a_warning() {
        assert_eq!(found(&[], &[]).0, Level::Warning);
        let two = judge(&["slack-1", "discord-1"], &[], &TimeZone::UTC).remove(0);
        assert_eq!((two.level, &*two.found.en), (Level::Ok, "2 channels configured"));
        assert!(two.advice.unwrap().en.contains("alerts test"));
    }

    #[test]
    fn a_channel_is_shown_with_its_last_results() {
        let names = ["slack-1"];
        let (level, well) = found(&names, &[state(None, false)]);
        assert_eq!(level, Level::Ok);
        assert!(
            well.starts_with(
                "1 channel configured; slack-1 last took a notification at 2026-11-22 13:50:00"
            ),
            "{well}"
        );
        let word = Some(SlackError::ChannelIsArchived);
        let archived = Some(NotifyError::Refused { status: 410, word });
        let (level, wrong) = found(&names, &[state(archived, true)]);
        assert_eq!(level, Level::Wrong);
        assert!(
            wrong.contains(": it answered 410 (channel_is_archived); it last took one at "),
            "{wrong}"
        );
        assert_eq!(found(&names, &[state(Some(NotifyError::TimedOut), false)]).0, Level::Warning);
        assert_eq!(found(&["discord-1"], &[state(archived, true)]).0, Level::Ok);
    }
}
