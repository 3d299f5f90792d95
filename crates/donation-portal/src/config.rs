//! Configuration: environment variables, each also a flag, read once.
//!
//! Values that are or may hold a secret are taken as text and parsed here, because clap repeats a
//! value that it cannot parse.

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

/// The settings of signature verification.
#[derive(clap::Args)]
pub(crate) struct Signing {
    /// Signing secrets of the endpoint (whsec_…), separated by commas; give several for rotation,
    /// test and live mode, snapshot and thin events
    #[arg(
        long = "stripe-webhook-secret",
        visible_alias = "secret",
        env = "STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "SECRET[,SECRET…]"
    )]
    pub(crate) secret: Option<String>,

    /// Maximum difference between a signature's timestamp and now, in seconds (1 to 3600)
    #[arg(long = "signature-tolerance-seconds", env = "SIGNATURE_TOLERANCE_SECONDS", default_value = "300", value_name = "SECONDS", value_parser = tolerance)]
    pub(crate) tolerance: Tolerance,
}

/// The public listener and the log.
#[derive(clap::Args)]
pub(crate) struct ServiceConfig {
    /// Address of the public listener
    #[arg(
        long,
        env = "LISTEN_ADDR",
        default_value = "127.0.0.1:8787",
        value_name = "ADDRESS:PORT"
    )]
    pub(crate) listen_addr: SocketAddr,

    /// Format of log lines
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,

    /// Log filter: a level, or target=level pairs separated by commas
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) rust_log: Targets,
}

/// The settings of a running service without its signing secrets.
#[derive(clap::Args)]
pub(crate) struct Running {
    #[command(flatten)]
    pub(crate) database: Database,

    /// Do not run migrations at startup; fail if the schema is out of date
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

/// The limits beyond which the service reports not ready.
#[derive(clap::Args)]
pub(crate) struct ReadinessConfig {
    /// Report not ready when there are more dead events than this; the first one raises an alert
    #[arg(long, env = "DEAD_EVENTS_MAX", default_value_t = DEAD_EVENTS_MAX, value_name = "EVENTS", value_parser = clap::value_parser!(u64).range(..Backlog::COUNTED_MAX))]
    pub(crate) dead_events_max: u64,
}

/// The notification channels, and the settings of alerts and the digest.
#[derive(clap::Args)]
pub(crate) struct Alerting {
    /// Slack incoming webhooks to notify (`https://hooks.slack.com/…`), separated by commas
    #[arg(long, env = "SLACK_WEBHOOK_URL", hide_env_values = true, value_name = "URL[,URL…]")]
    pub(crate) slack_webhook_url: Option<String>,

    /// Discord webhooks to notify (`https://discord.com/api/webhooks/…`), separated by commas
    #[arg(long, env = "DISCORD_WEBHOOK_URL", hide_env_values = true, value_name = "URL[,URL…]")]
    pub(crate) discord_webhook_url: Option<String>,

    /// PagerDuty integration keys (Events API v2) to notify, separated by commas
    #[arg(long, env = "PAGERDUTY_ROUTING_KEY", hide_env_values = true, value_name = "KEY[,KEY…]")]
    pub(crate) pagerduty_routing_key: Option<String>,

    /// URL of PagerDuty's Events API; accounts in the EU service region have another one
    #[arg(long, env = "PAGERDUTY_EVENTS_URL", default_value = PAGERDUTY_EVENTS_URL, value_name = "URL")]
    pub(crate) pagerduty_events_url: String,

    /// Language of alerts and of the digest
    #[arg(long, env = "ALERT_LANGUAGE", default_value = "en", value_name = "en|ja", value_parser = language)]
    pub(crate) alert_language: Language,

    /// Time of day to send the digest of the day before, or `off`
    #[arg(long, env = "DIGEST_AT", default_value = "09:00", value_name = "HH:MM|off", value_parser = digest_at)]
    pub(crate) digest_at: DigestAt,

    /// Time zone of the digest's days and of times shown, such as `Asia/Tokyo`
    #[arg(long, env = "TIME_ZONE", default_value = "UTC", value_name = "ZONE", value_parser = period::zone)]
    pub(crate) time_zone: TimeZone,
}

/// The value of `DIGEST_AT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestAt {
    Off,
    At(Time),
}

impl Alerting {
    /// Returns the configured channels: Slack, then Discord, then PagerDuty. The error names the
    /// variable and does not repeat its value.
    pub(crate) fn channels(&self) -> Result<Vec<Arc<dyn Notify>>, Failure> {
        let misuse = Failure::setting;
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

    /// Returns the schedule of the digest, or `None` if it is off.
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

/// The value of `LOG_FORMAT`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object a line
    Json,
    /// For people
    Pretty,
}

impl Signing {
    /// Parses the secrets. The error does not repeat them.
    pub(crate) fn secrets(&self) -> Result<Secrets, Failure> {
        let Some(list) = &self.secret else {
            return Err(Failure::misuse("STRIPE_WEBHOOK_SECRET", "it is not set").advise(
                "copy the signing secret (whsec_…) from the endpoint's page in Stripe's Dashboard",
            ));
        };
        Secrets::parse(list).map_err(Failure::setting("STRIPE_WEBHOOK_SECRET"))
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
        .ok_or("give 1 to 3600 seconds; the check cannot be switched off")
}

/// Parses the value of `NO_MIGRATE`.
fn schema(no_migrate: &str) -> Result<Schema, &'static str> {
    match no_migrate {
        "true" | "1" => Ok(Schema::AsItIs),
        "false" | "0" | "" => Ok(Schema::Migrated),
        _ => Err("give true or false"),
    }
}

/// Returns the value, or `None` if it is empty: many tools set a variable to nothing instead of
/// leaving it out.
pub(crate) fn there(list: Option<&String>) -> Option<&str> {
    list.map(String::as_str).filter(|list| !list.is_empty())
}

fn language(name: &str) -> Result<Language, &'static str> {
    Language::from_name(name).ok_or("give en or ja")
}

fn digest_at(text: &str) -> Result<DigestAt, &'static str> {
    if text == "off" {
        return Ok(DigestAt::Off);
    }
    time_of_day(text).map(DigestAt::At).ok_or("give a time of day such as 09:00, or off")
}
