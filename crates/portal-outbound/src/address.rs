//! The configured addresses of channels.

use std::fmt;

use crate::url::Url;

/// The most channels of one kind: each has a thread of its own.
pub const CHANNELS_MAX: usize = 8;

/// The length of a routing key, in characters
/// (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).
const ROUTING_KEY_LENGTH: usize = 32;

/// The address of one channel, with the channel's name. It is a secret, so it has no `Debug` on
/// purpose.
#[derive(Clone)]
pub struct ChannelAddress {
    name: String,
    pub(crate) url: Url,
    pub(crate) service: ChannelService,
}

/// The service that the channel belongs to.
#[derive(Clone)]
pub(crate) enum ChannelService {
    Slack,
    Discord,
    PagerDuty(RoutingKey),
}

/// The routing key of a PagerDuty service. It is a secret, so it has no `Debug` on purpose.
#[derive(Clone)]
pub(crate) struct RoutingKey(Box<str>);

/// The reason why a text is no usable address. It never contains the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidAddress {
    /// Empty text, or nothing between two commas.
    Blank,
    /// White space, most likely a newline that came along when the address was copied.
    WhiteSpace,
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

impl ChannelAddress {
    /// Reads Slack's Incoming Webhook URLs, separated by commas: `slack-1`, `slack-2`, ….
    ///
    /// # Errors
    /// [`InvalidAddress`] for the first unusable one, or if there are too many.
    pub fn slack_list(urls: &str) -> Result<Vec<Self>, InvalidAddress> {
        list(urls, "slack", |url| Ok((Url::parse(url)?, ChannelService::Slack)))
    }

    /// Reads Discord's webhook URLs, separated by commas: `discord-1`, `discord-2`, ….
    ///
    /// # Errors
    /// [`InvalidAddress`] for the first unusable one, or if there are too many.
    pub fn discord_list(urls: &str) -> Result<Vec<Self>, InvalidAddress> {
        list(urls, "discord", |url| Ok((Url::parse(url)?, ChannelService::Discord)))
    }

    /// Reads PagerDuty's routing keys, separated by commas: `pagerduty-1`, `pagerduty-2`, …. All of
    /// them post to `events_url`, which is [`PAGERDUTY_EVENTS_URL`](crate::PAGERDUTY_EVENTS_URL)
    /// outside tests.
    ///
    /// # Errors
    /// [`InvalidAddress`] for the first unusable one, or if there are too many.
    pub fn pagerduty_list(keys: &str, events_url: &Url) -> Result<Vec<Self>, InvalidAddress> {
        list(keys, "pagerduty", |key| {
            Ok((events_url.clone(), ChannelService::PagerDuty(RoutingKey::parse(key)?)))
        })
    }

    /// Returns the channel's name in the store and in logs. It is not a secret.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn list(
    texts: &str,
    name: &str,
    parse: impl Fn(&str) -> Result<(Url, ChannelService), InvalidAddress>,
) -> Result<Vec<ChannelAddress>, InvalidAddress> {
    if texts.split(',').count() > CHANNELS_MAX {
        return Err(InvalidAddress::TooMany);
    }
    let address = |(number, text)| {
        let (url, service) = parse(text)?;
        Ok(ChannelAddress { name: format!("{name}-{number}"), url, service })
    };
    (1..).zip(texts.split(',')).map(address).collect()
}

impl RoutingKey {
    fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if text.trim().is_empty() {
            return Err(InvalidAddress::Blank);
        }
        if text.chars().any(char::is_whitespace) {
            return Err(InvalidAddress::WhiteSpace);
        }
        let fits =
            text.len() == ROUTING_KEY_LENGTH && text.bytes().all(|it| it.is_ascii_alphanumeric());
        if fits { Ok(Self(text.into())) } else { Err(InvalidAddress::NotRoutingKey) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str(
                "an address is blank; leave the variable out if there is no such channel",
            ),
            Self::WhiteSpace => {
                f.write_str("an address contains white space; separate several by commas only")
            }
            Self::TooLong => f.write_str("an address is too long to be one"),
            Self::NotUrl => f.write_str(
                "an address is not a URL; copy it whole, with https:// and without a user name",
            ),
            Self::NotHttps => f.write_str(
                "an address does not begin with https://; http:// is for this machine only",
            ),
            Self::NotRoutingKey => write!(
                f,
                "a routing key does not have {ROUTING_KEY_LENGTH} letters and digits; copy it from the integration's page in PagerDuty (Events API v2)"
            ),
            Self::TooMany => write!(f, "more than {CHANNELS_MAX} addresses of one kind"),
        }
    }
}

impl std::error::Error for InvalidAddress {}
