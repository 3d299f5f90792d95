//! The settings that a command takes: from a flag, a variable, or the file that `NAME_FILE` names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::marker::PhantomData;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use jiff::tz::TimeZone;
use portal_domain::text;
use portal_service::settings::{
    ALERT_LANGUAGE, CLI_LANGUAGE, DATABASE_URL, DISCORD_WEBHOOK_URL, FISCAL_YEAR_START,
    InvalidValue, LISTEN_ADDR, NO_MIGRATE, PAGERDUTY_EVENTS_URL, PAGERDUTY_ROUTING_KEY,
    READ_BUDGET, RUNBOOK_URL, SETTINGS, SIGNATURE_TOLERANCE_SECONDS, SLACK_WEBHOOK_URL,
    STRIPE_API_BASE, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, Secrecy, Setting, SettingError,
    SettingHelp, SettingSource, Settings, TIME_ZONE, WEBHOOK_URL,
};

use super::zone_name::zone;

/// The most bytes that are read of a file with a secret.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The texts of the settings of a set, or the errors of files. Texts are parsed by [`Settings`],
/// because clap repeats in its errors what it cannot parse.
#[derive(Clone)]
pub(crate) struct Given<S> {
    texts: BTreeMap<&'static str, Result<GivenText, SettingError>>,
    set: PhantomData<S>,
}

/// The text of a setting, and where it comes from.
#[derive(Clone)]
struct GivenText {
    text: String,
    source: SettingSource,
}

/// A set of settings, for one kind of commands.
pub(crate) trait SettingSet: 'static {
    /// The settings of the set; none stands for all, those of a running service.
    const SETTINGS: &'static [Setting];

    fn has(name: &str) -> bool {
        Self::SETTINGS.is_empty() || Self::SETTINGS.iter().any(|it| it.name == name)
    }
}

macro_rules! sets {
    ($($name:ident: $settings:expr;)*) => {$(
        #[derive(Clone)]
        pub(crate) struct $name;

        impl SettingSet for $name {
            const SETTINGS: &'static [Setting] = &$settings;
        }
    )*};
}

sets! {
    Service: [];
    Signing: [STRIPE_WEBHOOK_SECRET, SIGNATURE_TOLERANCE_SECONDS];
    Sending: [STRIPE_WEBHOOK_SECRET, DATABASE_URL];
    DatabaseOnly: [DATABASE_URL];
    ZoneOnly: [TIME_ZONE];
    Calendar: [TIME_ZONE, FISCAL_YEAR_START];
    DatabaseAndZone: [DATABASE_URL, TIME_ZONE];
    DatabaseBesideServer: [LISTEN_ADDR, DATABASE_URL, TIME_ZONE];
    Alerting: [SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY, PAGERDUTY_EVENTS_URL, RUNBOOK_URL, ALERT_LANGUAGE, TIME_ZONE];
    Overview: [LISTEN_ADDR, DATABASE_URL, READ_BUDGET, SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY, PAGERDUTY_EVENTS_URL, CLI_LANGUAGE, ALERT_LANGUAGE, TIME_ZONE];
    Listening: [LISTEN_ADDR, CLI_LANGUAGE, ALERT_LANGUAGE];
    Speech: [CLI_LANGUAGE, ALERT_LANGUAGE];
    Reconciling: [DATABASE_URL, STRIPE_SECRET_KEY, STRIPE_API_BASE, WEBHOOK_URL, READ_BUDGET, TIME_ZONE];
}

/// The setting `DATABASE_URL`.
pub(crate) type Database = Given<DatabaseOnly>;

/// The settings of a list: `DATABASE_URL`, and `TIME_ZONE` for the times that it reads and shows.
pub(crate) type Listing = Given<DatabaseAndZone>;

/// The setting `TIME_ZONE`.
pub(crate) type Zone = Given<ZoneOnly>;

impl<S: SettingSet> Settings for Given<S> {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        debug_assert!(S::has(name), "{name} is not a setting of this command");
        let given = self.texts.get(name).cloned().transpose()?;
        Ok(given.map(|it| it.text))
    }

    fn source(&self, name: &'static str) -> SettingSource {
        let given = self.texts.get(name).and_then(|it| it.as_ref().ok());
        given.map_or(SettingSource::NotSet, |it| it.source)
    }

    fn zone(&self, name: &str) -> Result<TimeZone, InvalidValue> {
        zone(name).map_err(InvalidValue::new)
    }
}

impl<S: SettingSet> Args for Given<S> {
    fn augment_args(command: Command) -> Command {
        command.args(of_set::<S>().flat_map(|it| [Some(flag(it)), file_flag(it)]).flatten())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<S: SettingSet> FromArgMatches for Given<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let texts = of_set::<S>().filter_map(|it| Some((it.setting.name, text(matches, it)?)));
        Ok(Self { texts: texts.collect(), set: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        Self::from_arg_matches(matches).map(|given| *self = given)
    }
}

fn of_set<S: SettingSet>() -> impl Iterator<Item = &'static SettingHelp> {
    SETTINGS.iter().filter(|it| S::has(it.setting.name))
}

fn flag(help: &SettingHelp) -> Arg {
    let Setting { name, default, .. } = help.setting;
    let arg = Arg::new(name)
        .long(flag_name(name))
        .env(name)
        .hide_env_values(help.setting.secrecy == Secrecy::Secret)
        .value_name(help.value)
        .help(help.english)
        .help_heading(help.heading);
    let arg = match help.setting.secrecy {
        Secrecy::Secret => arg.long_help(format!(
            "{}. As a flag it shows in the list of processes (`ps`); the variable and the file {name}_FILE do not",
            help.english
        )),
        Secrecy::Open => arg,
    };
    let arg = match default {
        Some(default) => arg.default_value(default),
        None => arg,
    };
    if name == NO_MIGRATE.name {
        arg.num_args(0..=1).require_equals(true).default_missing_value("true")
    } else if name == STRIPE_WEBHOOK_SECRET.name {
        arg.visible_alias("secret")
    } else {
        arg
    }
}

/// Returns the flag for the file that holds the value, if it is a secret.
fn file_flag(help: &SettingHelp) -> Option<Arg> {
    let name = file_name(help.setting.name);
    let arg = Arg::new(name.clone())
        .long(flag_name(&name))
        .env(name)
        .value_name("FILE")
        .help(format!("File that holds {}", help.setting.name))
        .help_heading(help.heading)
        .hide_short_help(true);
    (help.setting.secrecy == Secrecy::Secret).then_some(arg)
}

fn flag_name(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

fn file_name(name: &str) -> String {
    format!("{name}_FILE")
}

/// Returns the text of a setting, unless it is not set or set to nothing. An error does not name the
/// file, because some put the secret itself there.
fn text(matches: &ArgMatches, help: &SettingHelp) -> Option<Result<GivenText, SettingError>> {
    let name = help.setting.name;
    let file = file_name(name);
    let path = if help.setting.secrecy == Secrecy::Secret { set(matches, &file) } else { None };
    let read = match (set(matches, name), path) {
        (given, None) => {
            let is_flag = matches.value_source(name) == Some(ValueSource::CommandLine);
            let source = if is_flag { SettingSource::Flag } else { SettingSource::Variable };
            return given.map(|text| Ok(GivenText { text, source }));
        }
        (Some(_), Some(_)) => Err((
            text!("it is set, and so is {file}", "{file} も設定されています"),
            text!("remove one of them", "どちらかを削除してください"),
        )),
        (None, Some(path)) => contents(&path).map_err(|error| {
            let why = text!(
                "the file that {file} names could not be read: {error}",
                "{file} のファイルを読み取れません: {error}"
            );
            let advice = text!(
                "name a file that this user may read",
                "このユーザーが読み取れるファイルを指定してください"
            );
            (why, advice)
        }),
    };
    match read {
        Ok(text) if text.is_empty() => None,
        Ok(text) => Some(Ok(GivenText { text, source: SettingSource::File })),
        Err((why, advice)) => Some(Err(SettingError { name, why, advice })),
    }
}

fn set(matches: &ArgMatches, id: &str) -> Option<String> {
    let is_default = matches.value_source(id) == Some(ValueSource::DefaultValue);
    matches.get_one::<String>(id).filter(|it| !is_default && !it.is_empty()).cloned()
}

/// Reads a file that holds a secret. Most programs that write such a file end it with a newline.
fn contents(path: &str) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
