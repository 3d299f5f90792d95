//! The reasons why an act cannot be done now.

use http::StatusCode;
use portal_domain::{Text, text};

/// The reason why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActRefusal {
    /// Stripe cannot be asked.
    NoKey,
    /// A comparison that somebody asked for is under way.
    UnderWay,
    /// There is no comparison to cancel.
    NotUnderWay,
    /// The comparison would take more reads than are left.
    OverBudget {
        estimated: u64,
        left: u64,
    },
    NoChannel,
    /// For too long, or an alert that is never silent.
    CannotSilence,
    /// One form acts on no more than a thousand.
    TooManyEvents,
}

impl ActRefusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::NoKey
            | Self::UnderWay
            | Self::NotUnderWay
            | Self::OverBudget { .. }
            | Self::NoChannel => StatusCode::CONFLICT,
            Self::CannotSilence | Self::TooManyEvents => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::UnderWay => "under_way",
            Self::NotUnderWay => "not_under_way",
            Self::OverBudget { .. } => "over_budget",
            Self::NoChannel => "no_channel",
            Self::CannotSilence => "cannot_silence",
            Self::TooManyEvents => "too_many_events",
        }
    }

    /// Returns what is wrong and what to do, in English and Japanese.
    pub(crate) fn texts(self) -> [Text; 2] {
        match self {
            Self::NoKey => [
                text!(
                    "Stripe cannot be asked: there is no key",
                    "キーがないため Stripe に問い合わせできません"
                ),
                text!("Set STRIPE_SECRET_KEY.", "STRIPE_SECRET_KEY を設定してください。"),
            ],
            Self::UnderWay => [
                text!("A comparison is under way already", "すでに照合中です"),
                text!(
                    "Wait for its end, or cancel it, on the page of its progress.",
                    "進み具合のページで、終わるのを待つか中止してください。"
                ),
            ],
            Self::NotUnderWay => [
                text!("No comparison is under way", "照合中ではありません"),
                text!(
                    "It has ended, or somebody has cancelled it.",
                    "すでに終わったか、中止されています。"
                ),
            ],
            Self::OverBudget { estimated, left } => [
                text!(
                    "About {estimated} reads are too many: {left} are left of the budget",
                    "約 {estimated} 回の読み取りが必要ですが、残りは {left} 回です"
                ),
                text!(
                    "Compare a shorter period, or raise READ_BUDGET.",
                    "期間を短くするか、READ_BUDGET を増やしてください。"
                ),
            ],
            Self::NoChannel => [
                text!("No channel is set", "通知先が設定されていません"),
                text!(
                    "Set SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL or PAGERDUTY_ROUTING_KEY.",
                    "SLACK_WEBHOOK_URL、DISCORD_WEBHOOK_URL、PAGERDUTY_ROUTING_KEY のいずれかを設定してください。"
                ),
            ],
            Self::CannotSilence => [
                text!("It cannot be silenced like this", "この条件では通知を止められません"),
                text!(
                    "Choose at most 7 days; that the database takes no writes is never silent.",
                    "7 日以内にしてください。データベースに書き込めないときの通知は止められません。"
                ),
            ],
            Self::TooManyEvents => [
                text!(
                    "At most 1,000 events can be done at once",
                    "一度に処理できるのは 1,000 件までです"
                ),
                text!("Use the command line.", "コマンドを使ってください。"),
            ],
        }
    }
}
