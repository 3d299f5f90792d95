//! The notification channels.

use portal_service::settings::{SettingError, Settings, read_usable};

use super::finding::{Check, CheckFinding};
use crate::output::counted;

/// Returns a finding for each setting that is wrong, or one about the number of channels.
pub(super) fn judge(settings: &impl Settings) -> Vec<CheckFinding> {
    let (channels, errors) = match read_usable(settings, |usable| usable.addresses()) {
        Ok((addresses, errors)) => (addresses.len() as u64, errors),
        Err(error) => (0, vec![error]),
    };
    if errors.is_empty() {
        return vec![of(channels)];
    }
    let failed = |error: SettingError| {
        CheckFinding::failed(Check::Channels, &error.into(), "copy the complete value again")
    };
    errors.into_iter().map(failed).collect()
}

fn of(channels: u64) -> CheckFinding {
    if channels == 0 {
        return CheckFinding::warning(
            Check::Channels,
            "no notification channel is configured: alerts are not sent",
            "set SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL or PAGERDUTY_ROUTING_KEY",
        );
    }
    let found = format!("{} configured", counted(channels, "channel"));
    CheckFinding {
        advice: Some("test them with `donation-portal alerts test`".to_owned()),
        ..CheckFinding::ok(Check::Channels, found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::of;

    #[test]
    fn without_a_channel_there_is_a_warning() {
        assert_eq!(of(0).level, Level::Warning);
        let two = of(2);
        assert_eq!((two.level, &*two.found), (Level::Ok, "2 channels configured"));
        assert!(two.advice.unwrap().contains("alerts test"));
    }
}
