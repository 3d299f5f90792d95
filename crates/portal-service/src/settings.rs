//! Settings: one table, one way to read them, the same on every host.

mod console_config;
mod door;
mod error;
mod shown;
mod stripe_config;
mod table;
mod usable;

use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use portal_domain::digest::{Schedule, time_of_day};
use portal_domain::{Backlog, Receiver, Secrets, Tolerance, text};
use portal_outbound::{ChannelAddress, Language, Locale, MessageContext, Url};

use crate::period::FiscalYearStart;

pub use console_config::ConsoleConfig;
pub use error::{InvalidValue, SettingError};
pub use shown::{SettingSource, ShownSetting, shown};
pub use stripe_config::StripeConfig;
pub use table::*;
pub use usable::{Usable, read_usable};

/// A setting, as far as reading it goes.
#[derive(Clone, Copy)]
pub struct Setting {
    /// The name of the variable, of the binding and, in another case, of the flag.
    pub name: &'static str,
    pub secrecy: Secrecy,
    /// The value where none is set.
    pub default: Option<&'static str>,
    /// The values that it may have, in words.
    pub form: &'static str,
    pub form_in_japanese: &'static str,
    /// A value of that form. The example of a secret is none that can be used.
    pub example: &'static str,
}

/// The settings of a service, but the database and what only a server has.
pub struct ServiceConfig {
    pub receiver: Receiver,
    /// The maximum number of dead events with which the service is ready.
    pub dead_events_max: u64,
    pub addresses: Vec<ChannelAddress>,
    /// The service as it speaks in alerts, and their readers.
    pub context: MessageContext,
    /// The schedule of the digest, or `None` if it is off.
    pub digest: Option<Schedule>,
    /// The access to Stripe, or `None` without a key.
    pub stripe: Option<StripeConfig>,
    pub console: ConsoleConfig,
}

/// The settings as a host has them: texts by name.
pub trait Settings {
    /// Returns the text that is set. One that is empty counts as not set.
    ///
    /// # Errors
    /// [`SettingError`] if the setting is given in a way that cannot be read.
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError>;

    /// Returns where the text of a setting that is set comes from.
    fn source(&self, _: &'static str) -> SettingSource {
        SettingSource::Variable
    }

    /// Returns the time zone of that name. A Worker does not have the IANA database, which is
    /// larger than it.
    ///
    /// # Errors
    /// The forms that this host knows.
    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue>;

    /// Returns the text that is set, or the default, or `None` where there is neither.
    ///
    /// # Errors
    /// [`SettingError`] if the text cannot be the value of any setting.
    fn checked(&self, setting: Setting) -> Result<Option<String>, SettingError> {
        let given = self.text(setting.name)?.filter(|it| !it.is_empty());
        let Some(text) = given else { return Ok(setting.default.map(str::to_owned)) };
        setting.check(&text)?;
        Ok(Some(text))
    }

    /// Reads a setting that need not be set.
    ///
    /// # Errors
    /// As above, or if `parse` refuses the text.
    fn optional<T, E: Into<InvalidValue>>(
        &self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, SettingError> {
        let parsed = self.checked(setting)?.map(|text| parse(&text)).transpose();
        parsed.map_err(|why| setting.refuse(why))
    }

    /// Reads a setting that has a default, or has to be set. `None` from `parse` means that the text
    /// is not of the setting's form.
    ///
    /// # Errors
    /// As above.
    fn required<T>(
        &self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingError> {
        match self.checked(setting)? {
            Some(text) => parse(&text).ok_or_else(|| setting.not_of_form()),
            None => Err(setting.refuse(InvalidValue::not_set())),
        }
    }

    /// # Errors
    /// [`SettingError`], as in all that follow.
    fn secrets(&self) -> Result<Secrets, SettingError> {
        let secrets = self.optional(STRIPE_WEBHOOK_SECRET, Secrets::parse)?;
        secrets.ok_or_else(|| {
            let copy = text!(
                "copy the signing secret from the endpoint's page in Stripe's Dashboard",
                "Stripe のダッシュボードのエンドポイントのページから、署名シークレットをコピーしてください"
            );
            STRIPE_WEBHOOK_SECRET.refuse(InvalidValue::not_set().advise(copy))
        })
    }

    fn tolerance(&self) -> Result<Tolerance, SettingError> {
        let tolerance = |text: &str| text.parse().ok().and_then(Tolerance::from_seconds);
        self.required(SIGNATURE_TOLERANCE_SECONDS, tolerance)
    }

    fn dead_events_max(&self) -> Result<u64, SettingError> {
        self.required(DEAD_EVENTS_MAX, |text| number(text, 0..=Backlog::COUNTED_MAX - 1))
    }

    fn stripe_api_base(&self) -> Result<Url, SettingError> {
        self.required(STRIPE_API_BASE, |text| Url::parse(text).ok().filter(Url::is_origin))
    }

    fn read_budget(&self) -> Result<u64, SettingError> {
        self.required(READ_BUDGET, |text| number(text, 100..=u64::MAX))
    }

    /// Returns the public URL of this service if it is set.
    fn webhook_url(&self) -> Result<Option<String>, SettingError> {
        self.optional(WEBHOOK_URL, |url| Url::parse(url).map(|_| url.to_owned()))
    }

    fn language(&self) -> Result<Language, SettingError> {
        self.required(ALERT_LANGUAGE, Language::from_name)
    }

    /// Returns the language of what commands print for people.
    fn cli_language(&self) -> Result<Language, SettingError> {
        let parse = |name: &str| Language::from_name(name).ok_or_else(|| CLI_LANGUAGE.other_form());
        match self.optional(CLI_LANGUAGE, parse)? {
            Some(language) => Ok(language),
            None => self.language(),
        }
    }

    /// Returns the language and the time zone of alerts.
    fn locale(&self) -> Result<Locale, SettingError> {
        Ok(Locale { language: self.language()?, zone: self.time_zone()? })
    }

    /// Returns what each alert says beside itself, of a service that is not known otherwise.
    fn message_context(&self) -> Result<MessageContext, SettingError> {
        let runbook_url =
            self.optional(RUNBOOK_URL, |url| Url::parse(url).map(|_| url.to_owned()))?;
        Ok(MessageContext { runbook_url, ..MessageContext::new(self.locale()?) })
    }

    /// Returns the addresses of all channels: Slack, then Discord, then PagerDuty.
    fn addresses(&self) -> Result<Vec<ChannelAddress>, SettingError> {
        let events_url = self.required(PAGERDUTY_EVENTS_URL, |text| Url::parse(text).ok())?;
        let pagerduty = |keys: &str| ChannelAddress::pagerduty_list(keys, &events_url);
        let lists = [
            self.optional(SLACK_WEBHOOK_URL, ChannelAddress::slack_list)?,
            self.optional(DISCORD_WEBHOOK_URL, ChannelAddress::discord_list)?,
            self.optional(PAGERDUTY_ROUTING_KEY, pagerduty)?,
        ];
        Ok(lists.into_iter().flatten().flatten().collect())
    }

    fn time_zone(&self) -> Result<TimeZone, SettingError> {
        let zone = self.optional(TIME_ZONE, |name| self.zone(name))?;
        Ok(zone.unwrap_or(TimeZone::UTC))
    }

    fn fiscal_year_start(&self) -> Result<FiscalYearStart, SettingError> {
        self.required(FISCAL_YEAR_START, |text| text.parse().ok().and_then(FiscalYearStart::new))
    }

    /// Returns the schedule of the digest, or `None` if it is off.
    fn digest(&self) -> Result<Option<Schedule>, SettingError> {
        let zone = self.time_zone()?;
        let at = self.required(DIGEST_AT, |text| match text {
            "off" => Some(None),
            _ => time_of_day(text).map(Some),
        })?;
        Ok(at.map(|at| Schedule { at, zone }))
    }
}

impl ServiceConfig {
    /// Reads all settings but the secrets.
    ///
    /// # Errors
    /// [`SettingError`] for the first one that is wrong.
    pub fn read(settings: &impl Settings, secrets: Secrets) -> Result<Self, SettingError> {
        let receiver = Receiver { secrets, tolerance: settings.tolerance()? };
        let (dead_events_max, addresses) = (settings.dead_events_max()?, settings.addresses()?);
        let mut context = settings.message_context()?;
        let (digest, stripe) = (settings.digest()?, StripeConfig::read(settings)?);
        let console = ConsoleConfig::read(settings)?;
        context.console_url.clone_from(&console.url);
        context.livemode = stripe.as_ref().map(|it| it.key.livemode());
        if let Some(host) = settings.webhook_url()?.as_deref().and_then(host_of) {
            host.clone_into(&mut context.host);
        }
        Ok(Self { receiver, dead_events_max, addresses, context, digest, stripe, console })
    }

    /// Reads all settings but the secrets, and leaves out each one that is wrong, as if it were not
    /// set. Returns the errors as well.
    ///
    /// # Errors
    /// [`SettingError`] for a default that is wrong.
    pub fn read_usable(
        settings: &impl Settings,
        secrets: &Secrets,
    ) -> Result<(Self, Vec<SettingError>), SettingError> {
        read_usable(settings, |usable| Self::read(usable, secrets.clone()))
    }
}

impl Setting {
    fn not_of_form(self) -> SettingError {
        self.refuse(self.other_form())
    }

    /// Returns the reason to refuse a text of another form.
    #[must_use]
    pub fn other_form(self) -> InvalidValue {
        let Self { form, form_in_japanese, .. } = self;
        InvalidValue::new(text!("it must be {form}", "値が正しくありません（{form_in_japanese}）"))
    }

    /// Refuses a text that can be the value of no setting.
    ///
    /// # Errors
    /// [`SettingError`] with the reason.
    pub fn check(self, text: &str) -> Result<(), SettingError> {
        door::check(text).map_err(|why| self.refuse(why))
    }

    /// Returns the error for a value that cannot be used, with an example.
    pub fn refuse(self, why: impl Into<InvalidValue>) -> SettingError {
        why.into().of(self.name, self.example)
    }
}

/// Returns the host in a URL.
fn host_of(url: &str) -> Option<&str> {
    url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
}

fn number(text: &str, range: RangeInclusive<u64>) -> Option<u64> {
    text.parse().ok().filter(|it| range.contains(it))
}

#[cfg(test)]
mod tests;
