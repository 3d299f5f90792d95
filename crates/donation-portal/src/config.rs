//! Configuration: environment variables, each also a flag, read once.
//!
//! Values that are or may hold a secret are taken as plain text and parsed here, because clap
//! repeats a value that it cannot parse.

mod stripe_config;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{ArgAction, ValueEnum};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use portal_domain::Backlog;
use portal_domain::digest::{Schedule, time_of_day};
use portal_domain::monitor::DEAD_EVENTS_MAX;
use portal_domain::{Notify, Secrets, Tolerance};
use portal_outbound::{
    Channel, ChannelAddress, DEADLINE, HttpTransport, Language, PAGERDUTY_EVENTS_URL, Transport,
    Url,
};
use tracing_subscriber::filter::Targets;

use crate::database::{Database, Schema};
use crate::exit::Failure;
use crate::period;

pub(crate) use stripe_config::{Client, StripeConfig};

/// Which signatures count.
#[derive(clap::Args)]
pub(crate) struct Signing {
    /// The endpoint's signing secrets (whsec_…), separated by commas: rotation, test and live,
    /// snapshot and thin
    #[arg(
        long = "stripe-webhook-secret",
        visible_alias = "secret",
        env = "STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "SECRET[,SECRET…]"
    )]
    pub(crate) secret: Option<String>,

    /// How old a signature may be, in seconds, before and after now (1 to 3600)
    #[arg(long = "signature-tolerance-seconds", env = "SIGNATURE_TOLERANCE_SECONDS", default_value = "300", value_name = "SECONDS", value_parser = tolerance)]
    pub(crate) tolerance: Tolerance,
}

/// Where to listen and how to log.
#[derive(clap::Args)]
pub(crate) struct ServiceConfig {
    /// The public listener's address
    #[arg(
        long,
        env = "LISTEN_ADDR",
        default_value = "127.0.0.1:8787",
        value_name = "ADDRESS:PORT"
    )]
    pub(crate) listen_addr: SocketAddr,

    /// How log lines look
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,

    /// What is logged: a level, or target=level pairs separated by commas
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) rust_log: Targets,
}

/// All that a running service takes, but its secrets.
#[derive(clap::Args)]
pub(crate) struct Running {
    #[command(flatten)]
    pub(crate) database: Database,

    /// Do not bring the database's schema up to date at the start; where it is not, do not start
    #[arg(long = "no-migrate", env = "NO_MIGRATE", action = ArgAction::SetTrue, value_parser = schema)]
    pub(crate) schema: Schema,

    #[command(flatten)]
    pub(crate) service: ServiceConfig,
    #[command(flatten)]
    pub(crate) watch: ReadinessConfig,
    #[command(flatten)]
    pub(crate) alerting: Alerting,
    #[command(flatten)]
    pub(crate) stripe: StripeConfig,
}

/// When the service calls itself unwell.
#[derive(clap::Args)]
pub(crate) struct ReadinessConfig {
    /// With more dead events than this the service is not ready; the first one is an alert
    #[arg(long, env = "DEAD_EVENTS_MAX", default_value_t = DEAD_EVENTS_MAX, value_name = "EVENTS", value_parser = clap::value_parser!(u64).range(..Backlog::COUNTED_MAX))]
    pub(crate) dead_events_max: u64,
}

/// Whom to tell, and how.
#[derive(clap::Args)]
pub(crate) struct Alerting {
    /// Slack incoming webhooks (`https://hooks.slack.com/…`), separated by commas
    #[arg(long, env = "SLACK_WEBHOOK_URL", hide_env_values = true, value_name = "URL[,URL…]")]
    pub(crate) slack_webhook_url: Option<String>,

    /// Discord webhooks (`https://discord.com/api/webhooks/…`), separated by commas
    #[arg(long, env = "DISCORD_WEBHOOK_URL", hide_env_values = true, value_name = "URL[,URL…]")]
    pub(crate) discord_webhook_url: Option<String>,

    /// PagerDuty integration keys of the Events API v2, separated by commas
    #[arg(long, env = "PAGERDUTY_ROUTING_KEY", hide_env_values = true, value_name = "KEY[,KEY…]")]
    pub(crate) pagerduty_routing_key: Option<String>,

    /// Where PagerDuty takes events; accounts in the EU have another address
    #[arg(long, env = "PAGERDUTY_EVENTS_URL", default_value = PAGERDUTY_EVENTS_URL, value_name = "URL")]
    pub(crate) pagerduty_events_url: String,

    /// The language of alerts and of the digest
    #[arg(long, env = "ALERT_LANGUAGE", default_value = "en", value_name = "en|ja", value_parser = language)]
    pub(crate) alert_language: Language,

    /// When to send the digest of the day before: a time of day, or `off`
    #[arg(long, env = "DIGEST_AT", default_value = "09:00", value_name = "HH:MM|off", value_parser = digest_at)]
    pub(crate) digest_at: DigestAt,

    /// Whose days and times: a name such as `Asia/Tokyo`
    #[arg(long, env = "TIME_ZONE", default_value = "UTC", value_name = "ZONE", value_parser = period::zone)]
    pub(crate) time_zone: TimeZone,
}

/// When the digest is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestAt {
    /// Never.
    Off,
    /// At that time of day.
    At(Time),
}

impl Alerting {
    /// The channels, in the order of their names.
    pub(crate) fn channels(&self) -> Result<Vec<Arc<dyn Notify>>, Failure> {
        let misuse = |name: &'static str| move |error| Failure::misuse(format!("{name}: {error}"));
        let events_url =
            Url::parse(&self.pagerduty_events_url).map_err(misuse("PAGERDUTY_EVENTS_URL"))?;
        let mut addresses = Vec::new();
        if let Some(urls) = there(self.slack_webhook_url.as_ref()) {
            addresses
                .extend(ChannelAddress::slack_list(urls).map_err(misuse("SLACK_WEBHOOK_URL"))?);
        }
        if let Some(urls) = there(self.discord_webhook_url.as_ref()) {
            addresses
                .extend(ChannelAddress::discord_list(urls).map_err(misuse("DISCORD_WEBHOOK_URL"))?);
        }
        if let Some(keys) = there(self.pagerduty_routing_key.as_ref()) {
            let list = ChannelAddress::pagerduty_list(keys, &events_url);
            addresses.extend(list.map_err(misuse("PAGERDUTY_ROUTING_KEY"))?);
        }
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(DEADLINE));
        let channel = |address| -> Arc<dyn Notify> {
            Arc::new(Channel::new(address, self.alert_language, Arc::clone(&transport)))
        };
        Ok(addresses.into_iter().map(channel).collect())
    }

    /// When the digest is made, if it is.
    pub(crate) fn digest(&self) -> Option<Schedule> {
        match self.digest_at {
            DigestAt::Off => None,
            DigestAt::At(at) => Some(Schedule { at, zone: self.time_zone.clone() }),
        }
    }
}

impl fmt::Display for DigestAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(at) => write!(f, "{:02}:{:02}", at.hour(), at.minute()),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object a line
    Json,
    /// For people
    Pretty,
}

impl Signing {
    /// The secrets, checked.
    pub(crate) fn secrets(&self) -> Result<Secrets, Failure> {
        let Some(list) = &self.secret else {
            return Err(Failure::misuse(
                "STRIPE_WEBHOOK_SECRET is not set; copy the signing secret (whsec_…) from the endpoint's page in Stripe's Dashboard",
            ));
        };
        Secrets::parse(list)
            .map_err(|error| Failure::misuse(format!("STRIPE_WEBHOOK_SECRET: {error}")))
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Pretty => "pretty",
        })
    }
}

fn tolerance(seconds: &str) -> Result<Tolerance, &'static str> {
    seconds
        .parse()
        .ok()
        .and_then(Tolerance::from_seconds)
        .ok_or("it must be 1 to 3600 seconds; 0 does not switch the check off")
}

/// What is to become of the schema, from whether it may not be migrated.
fn schema(no_migrate: &str) -> Result<Schema, &'static str> {
    match no_migrate {
        "true" | "1" => Ok(Schema::AsItIs),
        "false" | "0" | "" => Ok(Schema::Migrated),
        _ => Err("it must be true or false"),
    }
}

/// A variable that is set to nothing, as many tools do, is not set.
pub(crate) fn there(list: Option<&String>) -> Option<&str> {
    list.map(String::as_str).filter(|list| !list.is_empty())
}

fn language(name: &str) -> Result<Language, &'static str> {
    Language::from_name(name).ok_or("it must be en or ja")
}

fn digest_at(text: &str) -> Result<DigestAt, &'static str> {
    if text == "off" {
        return Ok(DigestAt::Off);
    }
    time_of_day(text).map(DigestAt::At).ok_or("it must be a time of day such as 09:00, or off")
}
