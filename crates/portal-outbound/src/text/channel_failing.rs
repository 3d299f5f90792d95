//! A notification channel that fails.

use portal_domain::{NotifyError, SlackError};

use crate::language::Language;

pub(super) fn summary(channel: &str, why: NotifyError, language: Language) -> String {
    let name = why.name();
    language.pick(
        format!("The channel {channel} does not take notifications ({name}): {why}."),
        format!("通知先 {channel} に通知を送れません（{name}）。{}。", why.text().ja),
    )
}

pub(super) fn first(why: NotifyError, language: Language) -> &'static str {
    match why {
        NotifyError::Refused { word: Some(SlackError::ChannelIsArchived), .. } => language.pick(
            "unarchive the channel in Slack, or set SLACK_WEBHOOK_URL to a webhook of another one and restart. Then test:",
            "Slack でチャンネルのアーカイブを解除するか、別のチャンネルの Webhook を SLACK_WEBHOOK_URL に設定して再起動してください。次のコマンドで確かめられます。",
        ),
        NotifyError::Refused { status: ..500, .. } => language.pick(
            "make a new webhook or key for it, set it, and restart. Then test:",
            "新しい Webhook またはキーを作成し、設定して再起動してください。次のコマンドで確かめられます。",
        ),
        NotifyError::Refused { .. }
        | NotifyError::TooMany { .. }
        | NotifyError::TimedOut
        | NotifyError::Unreachable => language.pick(
            "check the status page of the service, and whether this machine reaches it by HTTPS. Each notification is retried for 72 hours. Test it:",
            "サービスの稼働状況と、サーバーから HTTPS で接続できるかを確認してください。通知は 72 時間再試行します。次のコマンドで確かめられます。",
        ),
    }
}
