//! The key for Stripe's API.

use std::fmt;

use portal_domain::{Advise, Text, text};

/// The prefixes of keys (<https://docs.stripe.com/keys>).
const PREFIXES: [&str; 4] = ["rk_live_", "rk_test_", "sk_live_", "sk_test_"];

/// The number of characters at a key's end that are shown, as Stripe does.
const SHOWN_CHARS: usize = 4;

/// A secret key (`sk_…`) or a restricted one (`rk_…`). It has no `Debug` on purpose.
#[derive(Clone)]
pub struct ApiKey {
    prefix: &'static str,
    text: Box<str>,
}

/// The reason why a text is no usable key. It never contains the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidKey {
    /// A publishable key (`pk_…`), which is for browsers.
    Publishable,
    /// An endpoint's signing secret (`whsec_…`).
    SigningSecret,
    /// No key of Stripe's, or only a part of one.
    NotKey,
}

impl ApiKey {
    /// Accepts `text` if it has the shape of a key; Stripe guarantees no length.
    ///
    /// # Errors
    /// [`InvalidKey`] with the reason.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if text.starts_with("pk_") {
            return Err(InvalidKey::Publishable);
        }
        if text.starts_with("whsec_") {
            return Err(InvalidKey::SigningSecret);
        }
        let key = PREFIXES.into_iter().find_map(|prefix| {
            let rest = text.strip_prefix(prefix)?;
            let fits = rest.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
            (fits && rest.len() > SHOWN_CHARS).then(|| Self { prefix, text: text.into() })
        });
        key.ok_or(InvalidKey::NotKey)
    }

    /// True if it reads live mode, false for test mode.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.prefix.ends_with("live_")
    }

    /// True if it has only the permissions that it was given.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.prefix.starts_with("rk_")
    }

    /// Returns the part that may be shown, as Stripe's Dashboard does: `rk_live_…wxyz`.
    #[must_use]
    pub fn masked(&self) -> String {
        let hidden = self.text.len().saturating_sub(SHOWN_CHARS);
        format!("{}…{}", self.prefix, self.text.chars().skip(hidden).collect::<String>())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for InvalidKey {}

impl Advise for InvalidKey {
    fn text(&self) -> Text {
        match self {
            Self::Publishable => text!(
                "the API key is a publishable one (pk_…), which cannot read",
                "API キーが公開可能キー（pk_…）です。読み取りには使えません"
            ),
            Self::SigningSecret => text!(
                "the API key is an endpoint's signing secret (whsec_…)",
                "API キーではなく、エンドポイントの署名シークレット（whsec_…）です"
            ),
            Self::NotKey => text!("the API key is not one", "API キーではありません"),
        }
    }

    fn advice(&self) -> Option<Text> {
        Some(match self {
            Self::Publishable | Self::SigningSecret => text!(
                "make a restricted key (rk_…) in Stripe's Dashboard, or leave the variable out",
                "Stripe のダッシュボードで制限付きキー（rk_…）を作成するか、変数を設定しないでください"
            ),
            Self::NotKey => text!(
                "copy it whole, from rk_live_, rk_test_, sk_live_ or sk_test_ on",
                "rk_live_、rk_test_、sk_live_、sk_test_ のいずれかから始まる全体をコピーしてください"
            ),
        })
    }
}
