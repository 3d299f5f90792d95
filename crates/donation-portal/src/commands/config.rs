//! `donation-portal config`

use portal_domain::secret::{SECRET_PREFIX, fingerprint};
use portal_service::settings::{
    DATABASE_URL, SETTINGS, STRIPE_WEBHOOK_SECRET, Secrecy, SettingError, SettingHelp,
    Settings as _, StripeConfig,
};

use crate::config::{Given, Service};
use crate::exit::{Exit, Failure};
use crate::output;

/// The beginnings of secrets that say no more than their kind.
const PREFIXES: [&str; 5] = [SECRET_PREFIX, "rk_live_", "rk_test_", "sk_live_", "sk_test_"];

/// The number of characters at the end of a secret that are shown, as Stripe's Dashboard does.
const SHOWN_CHARS: usize = 4;

/// Arguments of `config`: those of `serve`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal config")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Service>,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let settings = &args.settings;
    check(settings)?;
    for help in SETTINGS {
        let name = help.setting.name;
        let given = settings.text(name)?;
        let value = match given.or_else(|| help.setting.default.map(str::to_owned)) {
            None => "(not set)".to_owned(),
            // Without its password; people choose those, and a fingerprint would help to guess them.
            Some(_) if name == DATABASE_URL.name => settings.home()?.to_string(),
            Some(text) => shown(help, &text),
        };
        output::print(format_args!("{name}={value}"))?;
    }
    Ok(Exit::Done)
}

/// Reads all settings as `serve` does, except that there need not be a signing secret.
fn check(settings: &Given<Service>) -> Result<(), SettingError> {
    if settings.text(STRIPE_WEBHOOK_SECRET.name)?.is_some() {
        settings.secrets()?;
    }
    settings.home()?;
    settings.addresses()?;
    StripeConfig::read(settings)?;
    settings.errors().into_iter().next().map_or(Ok(()), Err)
}

/// Returns a value as it may be shown. A secret can be compared with another by its end and the
/// first digits of its SHA-256.
fn shown(help: &SettingHelp, text: &str) -> String {
    match help.secrecy {
        Secrecy::Open => text.to_owned(),
        Secrecy::Secret => text.split(',').map(masked).collect::<Vec<_>>().join(","),
    }
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
