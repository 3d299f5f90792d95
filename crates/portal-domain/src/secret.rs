//! The endpoint's signing secrets.

use std::{fmt, iter};

use hmac::{Hmac, KeyInit as _};
use sha2::{Digest as _, Sha256};

use crate::advise::Advise;
use crate::text::Text;

/// The most secrets that may be configured. Rotation doubles each of test and live, snapshot and
/// thin.
pub const SECRETS_MAX: usize = 8;

/// The beginning of every signing secret, also of those of the Stripe CLI
/// (<https://docs.stripe.com/webhooks>).
pub const SECRET_PREFIX: &str = "whsec_";

/// The fewest characters after [`SECRET_PREFIX`]. Stripe's have 32 or more; a short one can be guessed.
const SECRET_CHARS_MIN: usize = 8;

/// One signing secret (`whsec_…`), ready to sign with.
///
/// The whole text is the key, prefix included and not base64-decoded
/// (<https://docs.stripe.com/webhooks>, "Verify manually"). It has no `Debug` on purpose.
#[derive(Clone)]
pub struct Secret {
    /// The hash with the key already mixed in, so that no delivery pays for it again.
    pub(crate) keyed: Hmac<Sha256>,
    fingerprint: Box<str>,
}

/// One or more secrets; a delivery may be signed with any of them.
#[derive(Clone)]
pub struct Secrets {
    first: Secret,
    others: Vec<Secret>,
}

/// The reason why a text is no usable secret. It never contains the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidSecret {
    /// Empty text, or nothing between two commas: with an empty key anyone could sign.
    Blank,
    /// Not [`SECRET_PREFIX`] and at least 8 characters of `[A-Za-z0-9_+/=-]`.
    NotSecret,
    /// More than [`SECRETS_MAX`].
    TooMany,
}

impl Secret {
    /// Uses the whole of `text` as the key, whatever its form.
    ///
    /// # Errors
    /// [`InvalidSecret::Blank`].
    pub fn new(text: &str) -> Result<Self, InvalidSecret> {
        if text.trim().is_empty() {
            return Err(InvalidSecret::Blank);
        }
        match Hmac::new_from_slice(text.as_bytes()) {
            Ok(keyed) => Ok(Self { keyed, fingerprint: fingerprint(text).into() }),
            // HMAC takes keys of any length; a key that it refused could not sign either.
            Err(_) => Err(InvalidSecret::Blank),
        }
    }

    /// Uses `text` as the key if it has the form of a signing secret.
    ///
    /// # Errors
    /// [`InvalidSecret`] with the reason.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let secret = Self::new(text)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+/=-".contains(&byte);
        match text.strip_prefix(SECRET_PREFIX) {
            Some(rest) if rest.len() >= SECRET_CHARS_MIN && rest.bytes().all(fits) => Ok(secret),
            _ => Err(InvalidSecret::NotSecret),
        }
    }

    /// Returns the [`fingerprint`] of its text.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl Secrets {
    /// Reads texts separated by commas as secrets, whatever their form.
    ///
    /// # Errors
    /// [`InvalidSecret`] if one is blank, or if there are too many.
    pub fn new(list: &str) -> Result<Self, InvalidSecret> {
        Self::read(list, Secret::new)
    }

    /// Reads secrets separated by commas, each in the form that Stripe gives them.
    ///
    /// # Errors
    /// [`InvalidSecret`] for the first unusable one, or if there are too many.
    pub fn parse(list: &str) -> Result<Self, InvalidSecret> {
        Self::read(list, Secret::parse)
    }

    /// Returns the list of one secret.
    #[must_use]
    pub fn of(secret: Secret) -> Self {
        Self { first: secret, others: Vec::new() }
    }

    fn read(
        list: &str,
        one: fn(&str) -> Result<Secret, InvalidSecret>,
    ) -> Result<Self, InvalidSecret> {
        let (first, others) = list.split_once(',').unzip();
        let others = others.into_iter().flat_map(|it: &str| it.split(','));
        let secrets = Self {
            first: one(first.unwrap_or(list))?,
            others: others.map(one).collect::<Result<_, _>>()?,
        };
        if secrets.others.len() >= SECRETS_MAX {
            return Err(InvalidSecret::TooMany);
        }
        Ok(secrets)
    }

    /// Returns the secret that is given first.
    #[must_use]
    pub fn first(&self) -> &Secret {
        &self.first
    }

    /// Returns the secrets in the order of configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.first).chain(&self.others)
    }
}

/// Returns the first eight hex digits of the SHA-256 of `secret`, by which two can be compared.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    hex::encode(digest.get(..4).unwrap_or_default())
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for InvalidSecret {}

impl Advise for InvalidSecret {
    fn text(&self) -> Text {
        match self {
            Self::Blank => text!("a signing secret is blank", "空の署名シークレットがあります"),
            Self::NotSecret => text!(
                "a signing secret is not whsec_ and at least 8 letters, digits or _ + / = -",
                "署名シークレットは、whsec_ に続く 8 文字以上の英数字か _ + / = - でなければなりません"
            ),
            Self::TooMany => text!(
                "more than {SECRETS_MAX} signing secrets",
                "署名シークレットが {SECRETS_MAX} 個を超えています"
            ),
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::Blank => text!(
                "copy it from the endpoint's page in Stripe's Dashboard (whsec_…)",
                "Stripe のダッシュボードのエンドポイントのページからコピーしてください（whsec_…）"
            ),
            Self::NotSecret => text!(
                "copy it whole from the endpoint's page in Stripe's Dashboard; separate several by commas only",
                "Stripe のダッシュボードのエンドポイントのページから全体をコピーしてください。複数の場合はカンマだけで区切ります"
            ),
            Self::TooMany => {
                text!(
                    "remove those that no endpoint uses any more",
                    "どのエンドポイントも使わなくなったものを削除してください"
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidSecret, SECRETS_MAX, Secrets, fingerprint};

    #[test]
    fn several_secrets_are_separated_by_commas() {
        let secrets = Secrets::parse("whsec_12345678,whsec_Ab+/=-_9");
        assert_eq!(secrets.map(|all| all.iter().count()), Ok(2));
    }

    #[test]
    fn an_unusable_secret_is_refused_with_its_reason() {
        let refusal = |list: &str| Secrets::parse(list).err();
        for blank in ["", "   ", "whsec_12345678,", ",whsec_12345678"] {
            assert_eq!(refusal(blank), Some(InvalidSecret::Blank), "{blank:?}");
        }
        let many = ["whsec_12345678"; SECRETS_MAX + 1].join(",");
        assert_eq!(refusal(&many), Some(InvalidSecret::TooMany));
    }

    #[test]
    fn a_text_of_another_form_is_no_secret_but_can_be_tried() {
        for text in [
            "whsec_",
            "whsec_…",
            "whsec_1234567",
            "\"whsec_12345678\"",
            "'whsec_12345678'",
            "whsec_12345678\u{200b}",
            "whsec_12345678\n",
            "whsec_12345678, whsec_12345678",
            "whsec_1234\u{a0}5678",
            "whsec_12345678\\n",
            "sk_live_51abcdefghijklmnop",
            "$STRIPE_WEBHOOK_SECRET",
            "WHSEC_12345678",
        ] {
            assert_eq!(Secrets::parse(text).err(), Some(InvalidSecret::NotSecret), "{text:?}");
            assert!(Secrets::new(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_fingerprint_is_the_beginning_of_what_sha256sum_prints() {
        assert_eq!(fingerprint("abc"), "ba7816bf");
    }
}
