//! The reasons for which an address of a channel, or a URL, is refused.

use std::fmt;

use portal_domain::{Advise, Text, text};

/// The most channels of one kind: each has a thread of its own.
pub const CHANNELS_MAX: usize = 8;

/// The length of a routing key, in characters
/// (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).
pub(crate) const ROUTING_KEY_LENGTH: usize = 32;

/// The reason why a text is no usable address. It never contains the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidAddress {
    /// Longer than the addresses of any service.
    TooLong,
    /// Not a URL with a host, or one with a user name or a password.
    NotUrl,
    /// Neither `https://` nor `http://` on this machine.
    NotHttps,
    /// Not 32 letters and digits, unlike PagerDuty's routing keys.
    NotRoutingKey,
    /// More than [`CHANNELS_MAX`].
    TooMany,
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for InvalidAddress {}

impl Advise for InvalidAddress {
    fn text(&self) -> Text {
        match self {
            Self::TooLong => {
                text!("an address is too long to be one", "長すぎて URL とは認められません")
            }
            Self::NotUrl => text!("an address is not a URL", "URL ではないものがあります"),
            Self::NotHttps => text!(
                "an address does not begin with https://",
                "https:// で始まらない URL があります"
            ),
            Self::NotRoutingKey => text!(
                "a routing key does not have {ROUTING_KEY_LENGTH} letters and digits",
                "英数字 {ROUTING_KEY_LENGTH} 文字ではないルーティングキーがあります"
            ),
            Self::TooMany => text!(
                "more than {CHANNELS_MAX} addresses of one kind",
                "同じ種類の通知先が {CHANNELS_MAX} 個を超えています"
            ),
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::TooMany => {
                text!(
                    "remove those that are no longer in use",
                    "使わなくなったものを削除してください"
                )
            }
            Self::TooLong | Self::NotUrl => text!(
                "copy it whole, with https:// and without a user name; separate several by commas only",
                "https:// から、ユーザー名を付けずに全体をコピーしてください。複数の場合はカンマだけで区切ります"
            ),
            Self::NotHttps => text!(
                "use https://; http:// is for this machine only",
                "https:// を使ってください。http:// はこのマシン宛てにだけ使えます"
            ),
            Self::NotRoutingKey => text!(
                "copy it from the integration's page in PagerDuty (Events API v2)",
                "PagerDuty のインテグレーションのページからコピーしてください（Events API v2）"
            ),
        })
    }
}
