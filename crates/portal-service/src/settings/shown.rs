//! The effective settings, as they may be shown.

use portal_domain::secret::{SECRET_PREFIX, fingerprint};
use serde::Serialize;
use strum::IntoStaticStr;

use super::{Secrecy, Setting, SettingError, Settings};

/// The beginnings of secrets that say no more than their kind.
const PREFIXES: [&str; 5] = [SECRET_PREFIX, "rk_live_", "rk_test_", "sk_live_", "sk_test_"];

/// The number of characters at the end of a secret that are shown, as Stripe's Dashboard does.
const SHOWN_CHARS: usize = 4;

/// A setting with its effective value. It is the contract of `config --format json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownSetting {
    pub name: &'static str,
    /// The value, masked if it is secret; `None` where there is none.
    pub value: Option<String>,
    pub source: SettingSource,
}

/// The place where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    Flag,
    /// A variable of the environment, or a binding of the Worker.
    Variable,
    /// The file that `NAME_FILE` names.
    File,
    Default,
    /// It has no value.
    NotSet,
}

impl SettingSource {
    /// The name in data.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Returns the effective values of `all`. A secret can be compared with another by its end and the first
/// digits of its SHA-256.
///
/// # Errors
/// [`SettingError`] for the first one that is given in a way that cannot be read.
pub fn shown(
    settings: &impl Settings,
    all: impl IntoIterator<Item = Setting>,
) -> Result<Vec<ShownSetting>, SettingError> {
    let one = |setting: Setting| {
        let name = setting.name;
        let given = settings.text(name)?.filter(|it| !it.is_empty());
        let (text, source) = match (given, setting.default) {
            (Some(text), _) => (Some(text), settings.source(name)),
            (None, Some(default)) => (Some(default.to_owned()), SettingSource::Default),
            (None, None) => (None, SettingSource::NotSet),
        };
        let value = text.map(|text| match setting.secrecy {
            Secrecy::Open => text,
            Secrecy::Secret => text.split(',').map(masked).collect::<Vec<_>>().join(","),
        });
        Ok(ShownSetting { name, value, source })
    };
    all.into_iter().map(one).collect()
}

fn masked(secret: &str) -> String {
    let rest = secret.strip_prefix(prefix(secret)).unwrap_or_default();
    // A short value would be shown whole.
    let chars = if rest.chars().count() < 2 * SHOWN_CHARS { 0 } else { SHOWN_CHARS };
    let end = rest.char_indices().rev().take(chars).last().map_or("", |(at, _)| &rest[at..]);
    format!("{}…{end} (sha256 {})", prefix(secret), fingerprint(secret))
}

/// Returns the beginning that is the same for all secrets of the kind; of a URL, its host.
fn prefix(secret: &str) -> &str {
    let of_url = secret.split_once("://").map(|(scheme, rest)| {
        let host = rest.split('/').next().unwrap_or_default();
        scheme.len() + "://".len() + host.len() + "/".len()
    });
    match of_url {
        Some(length) => secret.get(..length).unwrap_or_default(),
        None => PREFIXES.into_iter().find(|it| secret.starts_with(it)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_secret_is_shown_by_its_kind_its_end_and_its_fingerprint() {
        for (secret, due) in [
            ("whsec_0123456789wxyz", "whsec_…wxyz (sha256 "),
            ("whsec_12345678", "whsec_…5678 (sha256 "),
            ("rk_live_0123456789abcdef", "rk_live_…cdef (sha256 "),
            (
                "https://hooks.slack.com/services/T0/B0/abcdefgh",
                "https://hooks.slack.com/…efgh (sha256 ",
            ),
            ("http://localhost:1/x", "http://localhost:1/… (sha256 "),
            ("0123456789abcdef0123456789abcdef", "…cdef (sha256 "),
        ] {
            let shown = masked(secret);
            assert!(shown.starts_with(due) && shown.len() == due.len() + 9, "{shown}");
        }
        assert_eq!(masked("abc"), "… (sha256 ba7816bf)");
    }
}
