//! The URLs that requests go to.

use http::Uri;

use crate::invalid_address::InvalidAddress;

/// The longest URL, in bytes. Slack's and Discord's have about 80 and 120; a longer text was pasted
/// by mistake.
const URL_BYTES_MAX: usize = 2048;

/// The hosts that plain HTTP may go to, because it does not leave the machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// A URL that secrets may be sent to: `https://`, or `http://` on this machine.
///
/// Anybody who has a channel's URL may post there, so it is a secret and has no `Debug` on purpose.
#[derive(Clone)]
pub struct Url(Box<str>);

impl Url {
    /// Accepts `text` if secrets may be sent there.
    ///
    /// # Errors
    /// [`InvalidAddress`] with the reason, without the text.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if text.len() > URL_BYTES_MAX {
            return Err(InvalidAddress::TooLong);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidAddress::NotUrl)?;
        let authority = uri.authority().ok_or(InvalidAddress::NotUrl)?;
        // `http://127.0.0.1@example.org` is not this machine, and no port is above 65535.
        let plain = match authority.port() {
            Some(port) => format!("{}:{port}", authority.host()),
            None => authority.host().to_owned(),
        };
        if plain.is_empty() || plain != authority.as_str() {
            return Err(InvalidAddress::NotUrl);
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(text.into())),
            Some("http") if LOOPBACK.contains(&authority.host()) => Ok(Self(text.into())),
            _ => Err(InvalidAddress::NotHttps),
        }
    }

    /// True if it has no path but `/`, no query and no fragment.
    #[must_use]
    pub fn is_origin(&self) -> bool {
        let after_scheme = self.0.split_once("://").map_or("", |(_, rest)| rest);
        !after_scheme.strip_suffix('/').unwrap_or(after_scheme).contains(['/', '?', '#'])
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
