//! The configured addresses of channels.

use crate::invalid_address::{CHANNELS_MAX, InvalidAddress, ROUTING_KEY_LENGTH};
use crate::url::Url;

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
        let fits =
            text.len() == ROUTING_KEY_LENGTH && text.bytes().all(|it| it.is_ascii_alphanumeric());
        if fits { Ok(Self(text.into())) } else { Err(InvalidAddress::NotRoutingKey) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
