//! Configuration: the settings of the table as flags and environment variables, read once.

mod given;
mod stripe_client;
mod zone_name;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::Notify;
use portal_outbound::{
    Channel, ChannelAddress, DEADLINE, HttpTransport, MessageContext, Transport,
};
use portal_service::doctor::errors_of_service;
use portal_service::settings::{
    DATABASE_URL, IDLE_TIMEOUT_SECONDS, InvalidValue, LISTEN_ADDR, LOG_FORMAT, NO_MIGRATE,
    OPERATOR_ADDR, RUST_LOG, SettingError, Settings as _,
};
#[cfg(feature = "otlp")]
use portal_service::settings::{OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER_ARG};
use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::database::{DatabaseUrl, Schema};
#[cfg(feature = "otlp")]
use crate::serve::TraceConfig;

pub(crate) use given::{
    Alerting, Calendar, Database, DatabaseBesideServer, Given, Listening, Listing, Overview,
    Reconciling, Sending, Service, SettingSet, Signing, Speech, Zone,
};
pub(crate) use stripe_client::{needed_access, stripe_access};

/// The crates of this program, which alone write log lines.
const LOGGING_CRATES: [&str; 7] = [
    "donation_portal",
    "portal_domain",
    "portal_http",
    "portal_outbound",
    "portal_postgres",
    "portal_service",
    "portal_sqlite",
];

/// The value of `LOG_FORMAT`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Json,
    /// For people.
    Pretty,
}

/// The value of `OPERATOR_ADDR`.
#[derive(Clone, Copy)]
pub(crate) enum OperatorAddr {
    Off,
    At {
        address: SocketAddr,
        /// False if it is the default.
        is_set: bool,
    },
}

impl<S: SettingSet> Given<S> {
    /// Returns the database. The error does not repeat the URL, because it may hold a password.
    pub(crate) fn home(&self) -> Result<DatabaseUrl, SettingError> {
        let home = self.optional(DATABASE_URL, DatabaseUrl::parse)?;
        home.ok_or_else(|| DATABASE_URL.refuse(InvalidValue::not_set()))
    }

    /// Returns the treatment of the schema: `migrating`, unless migrations are off.
    pub(crate) fn schema(&self, migrating: Schema) -> Result<Schema, SettingError> {
        self.required(NO_MIGRATE, |text| match text {
            "true" | "1" => Some(Schema::AsItIs),
            "false" | "0" => Some(migrating),
            _ => None,
        })
    }

    pub(crate) fn listen_addr(&self) -> Result<SocketAddr, SettingError> {
        self.required(LISTEN_ADDR, |text| text.parse().ok())
    }

    pub(crate) fn operator_addr(&self) -> Result<OperatorAddr, SettingError> {
        let is_set = self.text(OPERATOR_ADDR.name)?.is_some();
        self.required(OPERATOR_ADDR, |text| match text {
            "off" => Some(OperatorAddr::Off),
            _ => text.parse().ok().map(|address| OperatorAddr::At { address, is_set }),
        })
    }

    /// Returns the time for which a connection may be idle.
    pub(crate) fn idle_timeout(&self) -> Result<Duration, SettingError> {
        let seconds = |text: &str| text.parse().ok().filter(|it| (10..=86_400).contains(it));
        self.required(IDLE_TIMEOUT_SECONDS, seconds).map(Duration::from_secs)
    }

    /// Returns the settings of traces, where there is a collector.
    #[cfg(feature = "otlp")]
    pub(crate) fn traces(&self) -> Result<Option<TraceConfig>, SettingError> {
        let one_of = self.required(OTEL_TRACES_SAMPLER_ARG, one_of)?;
        let form = || OTEL_EXPORTER_OTLP_ENDPOINT.other_form();
        let collector = |text: &str| collector(text).ok_or_else(form);
        let collector = self.optional(OTEL_EXPORTER_OTLP_ENDPOINT, collector)?;
        Ok(collector.map(|collector| TraceConfig { collector, one_of }))
    }

    /// Returns the format of the log; commands differ in its default.
    pub(crate) fn log_format(&self, default: LogFormat) -> Result<LogFormat, SettingError> {
        let is_set = self.text(LOG_FORMAT.name)?.is_some();
        let format = self.required(LOG_FORMAT, |text| match text {
            "json" => Some(LogFormat::Json),
            "pretty" => Some(LogFormat::Pretty),
            _ => None,
        })?;
        Ok(if is_set { format } else { default })
    }

    pub(crate) fn log_filter(&self) -> Result<Targets, SettingError> {
        self.required(RUST_LOG, log_filter)
    }
}

impl Given<Overview> {
    /// Returns the names of the configured channels.
    pub(crate) fn channels(&self) -> Result<Vec<String>, SettingError> {
        Ok(self.addresses()?.iter().map(|it| it.name().to_owned()).collect())
    }
}

impl Given<Service> {
    /// Returns the errors of the settings that say how the service runs. Those of secrets, database,
    /// channels, the key and the endpoint are `doctor`'s other checks.
    pub(crate) fn errors(&self) -> Vec<SettingError> {
        let of_server = [
            self.schema(Schema::Migrated).err(),
            self.listen_addr().err(),
            self.operator_addr().err(),
            self.idle_timeout().err(),
            self.log_format(LogFormat::Json).err(),
            self.log_filter().err(),
            #[cfg(feature = "otlp")]
            self.traces().err(),
        ];
        of_server.into_iter().flatten().chain(errors_of_service(self)).collect()
    }
}

/// Returns the URL of a collector without its last slash. It may be plain HTTP, to another machine too:
/// there is no secret in spans.
#[cfg(feature = "otlp")]
fn collector(text: &str) -> Option<String> {
    let url: http::Uri = text.parse().ok()?;
    let is_http = matches!(url.scheme_str(), Some("http" | "https"));
    let authority = url.authority().filter(|it| is_http && !it.as_str().contains('@'))?;
    let plain = format!("{}://{authority}", url.scheme_str()?);
    (text.strip_suffix('/').unwrap_or(text) == plain).then_some(plain)
}

/// Returns of how many deliveries one is traced: 100 for the share 0.01.
#[cfg(feature = "otlp")]
fn one_of(share: &str) -> Option<u64> {
    if share == "1" {
        return Some(1);
    }
    let digits = share.strip_prefix("0.").filter(|it| (1..=9).contains(&it.len()))?;
    let parts: u64 = digits.parse().ok()?;
    10_u64.pow(u32::try_from(digits.len()).ok()?).checked_div(parts)
}

/// Parses a log filter. What is neither a level nor a target of this program would switch the log
/// off without a word.
fn log_filter(text: &str) -> Option<Targets> {
    let is_known = |part: &str| {
        // `LevelFilter` takes an empty text for `error`.
        let target = part.split('=').next().unwrap_or_default();
        let of_crate = target.split("::").next().unwrap_or_default();
        (!part.is_empty() && part.parse::<LevelFilter>().is_ok())
            || LOGGING_CRATES.contains(&of_crate)
    };
    text.parse().ok().filter(|_| text.split(',').all(is_known))
}

/// Returns the name of this machine, by which alerts say who speaks.
pub(crate) fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Says in each alert which machine speaks, and where its database is.
pub(crate) fn introduce(context: &mut MessageContext, home: &DatabaseUrl) {
    context.host = machine_name();
    if let DatabaseUrl::Sqlite(path) = home {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        context.database = Some(path.display().to_string());
    }
}

/// Returns the channels at these addresses.
pub(crate) fn channels(
    addresses: Vec<ChannelAddress>,
    context: &MessageContext,
) -> Vec<Arc<dyn Notify>> {
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(DEADLINE));
    let channel = |address| -> Arc<dyn Notify> {
        Arc::new(Channel::new(address, context.clone(), Arc::clone(&transport)))
    };
    addresses.into_iter().map(channel).collect()
}

#[cfg(test)]
mod tests {
    use super::{LOGGING_CRATES, log_filter};

    #[test]
    fn a_log_filter_has_levels_and_targets_of_this_program() {
        for text in [
            "info",
            "WARN",
            "off",
            "warn,donation_portal=info",
            "portal_http::router=trace",
            "debug,portal_http",
        ] {
            assert!(log_filter(text).is_some(), "{text}");
        }
        for text in [
            "inof",
            "info,hyper=debug",
            "portal=loud",
            "portal_http=loud",
            "info,",
            "=info",
            "info;warn",
        ] {
            assert!(log_filter(text).is_none(), "{text}");
        }
    }

    #[test]
    fn each_target_of_the_log_is_a_crate() {
        for name in LOGGING_CRATES {
            let folder = format!("{}/../{}", env!("CARGO_MANIFEST_DIR"), name.replace('_', "-"));
            assert!(std::path::Path::new(&folder).is_dir(), "{name}");
        }
    }
}
