//! The endpoint's signing secrets.

use std::fmt;

use hmac::{Hmac, KeyInit as _};
use sha2::Sha256;

use crate::advise::Advise;

/// The most secrets that may be configured. Rotation doubles each of test and live, snapshot and
/// thin.
pub const SECRETS_MAX: usize = 8;

/// One signing secret (`whsec_…`), ready to sign with.
///
/// The whole text is the key, prefix included and not base64-decoded
/// (<https://docs.stripe.com/webhooks>, "Verify manually"). It has no `Debug` on purpose.
#[derive(Clone)]
pub struct Secret {
    /// The hash with the key already mixed in, so that no delivery pays for it again.
    pub(crate) keyed: Hmac<Sha256>,
}

/// One or more secrets; a delivery may be signed with any of them.
#[derive(Clone)]
pub struct Secrets(Vec<Secret>);

/// The reason why a text is no usable secret. It never contains the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidSecret {
    /// Empty text, or nothing between two commas: with an empty key anyone could sign.
    Blank,
    /// White space, most likely a newline that came along when the secret was copied.
    WhiteSpace,
    /// More than [`SECRETS_MAX`].
    TooMany,
}

impl Secret {
    /// Uses the whole of `text` as the key.
    ///
    /// # Errors
    /// [`InvalidSecret`] if it is blank or contains white space.
    pub fn new(text: &str) -> Result<Self, InvalidSecret> {
        if text.trim().is_empty() {
            return Err(InvalidSecret::Blank);
        }
        if text.chars().any(char::is_whitespace) {
            return Err(InvalidSecret::WhiteSpace);
        }
        match Hmac::new_from_slice(text.as_bytes()) {
            Ok(keyed) => Ok(Self { keyed }),
            // HMAC takes keys of any length; a key that it refused could not sign either.
            Err(_) => Err(InvalidSecret::Blank),
        }
    }
}

impl Secrets {
    /// Reads secrets separated by commas.
    ///
    /// # Errors
    /// [`InvalidSecret`] for the first unusable one, or if there are too many.
    pub fn parse(list: &str) -> Result<Self, InvalidSecret> {
        let secrets = list.split(',').map(Secret::new).collect::<Result<Vec<_>, _>>()?;
        if secrets.len() > SECRETS_MAX {
            return Err(InvalidSecret::TooMany);
        }
        Ok(Self(secrets))
    }

    /// Returns the secrets in the order of configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("a signing secret is blank"),
            Self::WhiteSpace => f.write_str("a signing secret contains white space"),
            Self::TooMany => write!(f, "more than {SECRETS_MAX} signing secrets"),
        }
    }
}

impl std::error::Error for InvalidSecret {}

impl Advise for InvalidSecret {
    fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Blank => "copy it from the endpoint's page in Stripe's Dashboard (whsec_…)",
            Self::WhiteSpace => "separate several by commas only",
            Self::TooMany => "remove those that are no longer in use",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidSecret, SECRETS_MAX, Secrets};

    #[test]
    fn several_secrets_are_separated_by_commas() {
        let secrets = Secrets::parse("whsec_a,whsec_b");
        assert_eq!(secrets.map(|all| all.iter().count()), Ok(2));
    }

    #[test]
    fn an_unusable_secret_is_refused_with_its_reason() {
        let refusal = |list: &str| Secrets::parse(list).err();
        assert_eq!(refusal(""), Some(InvalidSecret::Blank));
        assert_eq!(refusal("   "), Some(InvalidSecret::Blank));
        assert_eq!(refusal("whsec_a,"), Some(InvalidSecret::Blank));
        assert_eq!(refusal("whsec_a\n"), Some(InvalidSecret::WhiteSpace));
        assert_eq!(refusal("whsec_a, whsec_b"), Some(InvalidSecret::WhiteSpace));
        assert_eq!(refusal(&["whsec_a"; SECRETS_MAX + 1].join(",")), Some(InvalidSecret::TooMany));
    }
}
