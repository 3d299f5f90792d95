//! Configuration: variables and secrets named like the server's, with the same meanings.

mod stripe_config;

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::tz::{Offset, TimeZone};
use portal_domain::digest::{Schedule, time_of_day};
use portal_domain::monitor::DEAD_EVENTS_MAX;
use portal_domain::secret::InvalidSecret;
use portal_domain::{Advise as _, Backlog, Receiver, Secrets, Tolerance};
use portal_outbound::{
    ChannelAddress, InvalidAddress, InvalidKey, Language, PAGERDUTY_EVENTS_URL, Url,
};

pub(crate) use stripe_config::StripeConfig;

/// All that is configured, but the database.
pub(crate) struct Config {
    pub(crate) receiver: Receiver,
    /// With more dead events than this the service is not ready.
    pub(crate) dead_events_max: u64,
    /// Whom to tell.
    pub(crate) addresses: Vec<ChannelAddress>,
    /// In which language.
    pub(crate) language: Language,
    /// The schedule of the digest, or `None` if it is off.
    pub(crate) digest: Option<Schedule>,
    /// The access to Stripe, or `None` without a key.
    pub(crate) stripe_config: Option<StripeConfig>,
}

/// A variable that cannot be used. Its value is never part of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misconfigured {
    /// Its name.
    pub(crate) variable: &'static str,
    /// Why not.
    pub(crate) why: Why,
}

/// Why a variable cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It has to be there.
    Missing,
    /// No signing secrets.
    Secret(InvalidSecret),
    /// No addresses of channels, or no URL.
    ChannelAddress(InvalidAddress),
    /// No key for Stripe's API.
    Key(InvalidKey),
    /// No D1 database is bound to it.
    NotD1 {
        /// The names of all variables, secrets and bindings that are there, never a value.
        bindings: Vec<String>,
    },
    /// Not what it must be.
    MustBe(&'static str),
}

/// Tells what a variable of that name holds, if it is there.
type Variables<'v> = dyn Fn(&'static str) -> Option<String> + 'v;

impl Config {
    /// Reads all variables; the first that is wrong is told.
    pub(crate) fn read(variables: &Variables<'_>) -> Result<Self, Misconfigured> {
        let secrets = secrets(variables)?;
        let tolerance = or(variables, "SIGNATURE_TOLERANCE_SECONDS", Tolerance::DEFAULT, |text| {
            text.parse().ok().and_then(Tolerance::from_seconds).ok_or("1 to 3600")
        })?;
        let dead_events_max = or(variables, "DEAD_EVENTS_MAX", DEAD_EVENTS_MAX, |text| {
            number(text, 0..=Backlog::COUNTED_MAX - 1).ok_or("0 to 999")
        })?;
        or(variables, "LOG_FORMAT", (), |text| {
            if text == "json" { Ok(()) } else { Err("json, or not set") }
        })?;
        let language = or(variables, "ALERT_LANGUAGE", Language::default(), |text| {
            Language::from_name(text).ok_or("en or ja")
        })?;
        Ok(Self {
            receiver: Receiver { secrets, tolerance },
            dead_events_max,
            addresses: addresses(variables)?,
            language,
            digest: digest(variables)?,
            stripe_config: StripeConfig::read(variables)?,
        })
    }
}

fn secrets(variables: &Variables<'_>) -> Result<Secrets, Misconfigured> {
    let misconfigured = |why| Misconfigured { variable: "STRIPE_WEBHOOK_SECRET", why };
    let list = variables("STRIPE_WEBHOOK_SECRET").ok_or_else(|| misconfigured(Why::Missing))?;
    Secrets::parse(&list).map_err(|why| misconfigured(Why::Secret(why)))
}

fn addresses(variables: &Variables<'_>) -> Result<Vec<ChannelAddress>, Misconfigured> {
    let list = |variable, parse: &dyn Fn(&str) -> Result<Vec<ChannelAddress>, InvalidAddress>| {
        // A variable that is set to nothing, as many tools do, is not set.
        match variables(variable).filter(|it| !it.is_empty()) {
            Some(text) => parse(&text)
                .map_err(|why| Misconfigured { variable, why: Why::ChannelAddress(why) }),
            None => Ok(Vec::new()),
        }
    };
    let events_url =
        variables("PAGERDUTY_EVENTS_URL").unwrap_or_else(|| PAGERDUTY_EVENTS_URL.into());
    let events_url = Url::parse(&events_url).map_err(|why| Misconfigured {
        variable: "PAGERDUTY_EVENTS_URL",
        why: Why::ChannelAddress(why),
    })?;
    let mut addresses = list("SLACK_WEBHOOK_URL", &ChannelAddress::slack_list)?;
    addresses.extend(list("DISCORD_WEBHOOK_URL", &ChannelAddress::discord_list)?);
    let pagerduty = |keys: &str| ChannelAddress::pagerduty_list(keys, &events_url);
    addresses.extend(list("PAGERDUTY_ROUTING_KEY", &pagerduty)?);
    Ok(addresses)
}

fn digest(variables: &Variables<'_>) -> Result<Option<Schedule>, Misconfigured> {
    let zone = or(variables, "TIME_ZONE", TimeZone::UTC, |text| {
        zone(text).ok_or("UTC, Asia/Tokyo or an offset such as +09:00: a Worker knows no others")
    })?;
    let at = variables("DIGEST_AT").unwrap_or_else(|| "09:00".into());
    if at == "off" {
        return Ok(None);
    }
    let why = Why::MustBe("a time of day such as 09:00, or off");
    let at = time_of_day(&at).ok_or(Misconfigured { variable: "DIGEST_AT", why })?;
    Ok(Some(Schedule { at, zone }))
}

/// A time zone whose clocks are never changed: the database of all others is larger than the Worker.
fn zone(text: &str) -> Option<TimeZone> {
    match text {
        "UTC" => return Some(TimeZone::UTC),
        "Asia/Tokyo" => return zone("+09:00"),
        _ => {}
    }
    let (sign, rest) =
        text.strip_prefix('+').map(|it| (1, it)).or_else(|| Some((-1, text.strip_prefix('-')?)))?;
    let ahead = time_of_day(rest)?;
    let seconds = sign * (i32::from(ahead.hour()) * 3600 + i32::from(ahead.minute()) * 60);
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// Returns the value of the variable, or `default` if it is not set.
fn or<T>(
    variables: &Variables<'_>,
    variable: &'static str,
    default: T,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Result<T, Misconfigured> {
    variables(variable).map_or(Ok(default), |text| {
        parse(&text).map_err(|due| Misconfigured { variable, why: Why::MustBe(due) })
    })
}

fn number<T: FromStr + PartialOrd>(text: &str, range: RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|it| range.contains(it))
}

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, why } = self;
        match why {
            Why::Missing => write!(
                f,
                "{variable} is not set; copy the signing secret (whsec_…) from the endpoint's page in Stripe's Dashboard"
            ),
            Why::Secret(why) => write!(f, "{variable}: {}", why.advised()),
            Why::ChannelAddress(why) => write!(f, "{variable}: {}", why.advised()),
            Why::Key(why) => write!(f, "{variable}: {}", why.advised()),
            Why::NotD1 { bindings } => write!(
                f,
                "{variable}: it must be the binding of a D1 database in wrangler.toml; bound here: {}",
                bindings.join(", ")
            ),
            Why::MustBe(due) => write!(f, "{variable}: it must be {due}"),
        }
    }
}

#[cfg(test)]
mod tests;
