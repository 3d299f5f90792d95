//! `donation-portal config`

use crate::config::{LogFormat, Running, Signing, there};
use crate::database::Schema;
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `config`: those of `serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    running: Running,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let Args { signing, running: Running { database, schema, service, watch, alerting, stripe } } =
        args;
    let home = database.home()?;
    alerting.channels()?;
    let key = stripe.key()?.map_or_else(|| "(not set)".to_owned(), |key| key.masked());
    let webhook_url = stripe.webhook_url()?.unwrap_or("(not set)").to_owned();
    stripe.client()?;
    let secrets = match signing.secret {
        None => "(not set)".to_owned(),
        Some(_) => vec!["whsec_****"; signing.secrets()?.iter().count()].join(","),
    };
    let log_format = service.log_format.unwrap_or(LogFormat::Json);
    let zone = alerting.time_zone.iana_name().unwrap_or_default();
    for (name, value) in [
        ("STRIPE_WEBHOOK_SECRET", secrets),
        ("SIGNATURE_TOLERANCE_SECONDS", signing.tolerance.seconds().to_string()),
        ("DATABASE_URL", home.to_string()),
        ("NO_MIGRATE", (*schema == Schema::AsItIs).to_string()),
        ("LISTEN_ADDR", service.listen_addr.to_string()),
        ("LOG_FORMAT", log_format.to_string()),
        ("RUST_LOG", service.rust_log.to_string()),
        ("DEAD_EVENTS_MAX", watch.dead_events_max.to_string()),
        ("SLACK_WEBHOOK_URL", masked(alerting.slack_webhook_url.as_ref())),
        ("DISCORD_WEBHOOK_URL", masked(alerting.discord_webhook_url.as_ref())),
        ("PAGERDUTY_ROUTING_KEY", masked(alerting.pagerduty_routing_key.as_ref())),
        ("PAGERDUTY_EVENTS_URL", alerting.pagerduty_events_url.clone()),
        ("STRIPE_SECRET_KEY", key),
        ("STRIPE_API_BASE", stripe.stripe_api_base.clone()),
        ("WEBHOOK_URL", webhook_url),
        ("READ_BUDGET", stripe.read_budget.to_string()),
        ("ALERT_LANGUAGE", alerting.alert_language.name().to_owned()),
        ("DIGEST_AT", alerting.digest_at.to_string()),
        ("TIME_ZONE", zone.to_owned()),
    ] {
        output::print(format_args!("{name}={value}"))?;
    }
    Ok(Exit::Done)
}

/// Replaces each address of a list, all of which are secrets, by stars.
fn masked(list: Option<&String>) -> String {
    there(list).map_or_else(
        || "(not set)".to_owned(),
        |list| vec!["****"; list.split(',').count()].join(","),
    )
}
