//! The reasons for which an address of a channel, or a URL, is refused.

use std::fmt;

use portal_domain::Advise;

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
        match self {
            Self::TooLong => f.write_str("an address is too long to be one"),
            Self::NotUrl => f.write_str("an address is not a URL"),
            Self::NotHttps => f.write_str("an address does not begin with https://"),
            Self::NotRoutingKey => {
                write!(f, "a routing key does not have {ROUTING_KEY_LENGTH} letters and digits")
            }
            Self::TooMany => write!(f, "more than {CHANNELS_MAX} addresses of one kind"),
        }
    }
}

impl std::error::Error for InvalidAddress {}

impl Advise for InvalidAddress {
    fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::TooLong | Self::NotUrl => {
                "copy it whole, with https:// and without a user name; separate several by commas only"
            }
            Self::NotHttps => "use https://; http:// is for this machine only",
            Self::NotRoutingKey => {
                "copy it from the integration's page in PagerDuty (Events API v2)"
            }
            Self::TooMany => "remove those that are no longer in use",
        })
    }
}
