//! `donation-portal config`

use portal_service::settings::{
    DATABASE_URL, SETTINGS, STRIPE_WEBHOOK_SECRET, SettingError, Settings as _, ShownSetting,
    StripeConfig, shown,
};

use crate::commands::ServiceArgs;
use crate::config::{Given, Service};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `config`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal config --format json")]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let (settings, format) = (&args.service.settings, args.service.format);
    check(settings)?;
    for line in shown_settings(settings)? {
        match format {
            OneFormat::Json => output::print_json(&line)?,
            OneFormat::Text => {
                let value = line.value.as_deref().unwrap_or("(not set)");
                output::print(format_args!("{}={value}", line.name))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Returns all settings as they may be shown.
pub(super) fn shown_settings(settings: &Given<Service>) -> Result<Vec<ShownSetting>, SettingError> {
    let mut all = shown(settings, SETTINGS.iter().map(|it| it.setting))?;
    // Without its password; people choose those, and a fingerprint would help to guess them.
    for database in all.iter_mut().filter(|it| it.name == DATABASE_URL.name) {
        database.value = Some(settings.home()?.to_string());
    }
    Ok(all)
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
