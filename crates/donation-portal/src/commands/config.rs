//! `donation-portal config`

use crate::config::{Alerting, Database, LogFormat, Service, Signing, Watch};
use crate::exit::{Exit, Failure};
use crate::output;

/// All that `serve` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    service: Service,
    #[command(flatten)]
    watch: Watch,
    #[command(flatten)]
    alerting: Alerting,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let secrets = match &args.signing.secret {
        None => "(not set)".to_owned(),
        Some(_) => vec!["whsec_****"; args.signing.secrets()?.iter().count()].join(","),
    };
    let log_format = args.service.log_format.unwrap_or(LogFormat::Json);
    args.database.path()?;
    output::print(format_args!("STRIPE_WEBHOOK_SECRET={secrets}"))?;
    output::print(format_args!(
        "SIGNATURE_TOLERANCE_SECONDS={}",
        args.signing.tolerance.seconds()
    ))?;
    output::print(format_args!("DATABASE_URL={}", args.database.url))?;
    output::print(format_args!("LISTEN_ADDR={}", args.service.listen_addr))?;
    output::print(format_args!("LOG_FORMAT={log_format}"))?;
    output::print(format_args!("RUST_LOG={}", args.service.rust_log))?;
    output::print(format_args!("BACKLOG_SECONDS_MAX={}", args.watch.backlog_seconds_max))?;
    output::print(format_args!("DEAD_EVENTS_MAX={}", args.watch.dead_events_max))?;
    let alerting = &args.alerting;
    alerting.channels()?;
    for (name, list) in [
        ("SLACK_WEBHOOK_URL", &alerting.slack_webhook_url),
        ("DISCORD_WEBHOOK_URL", &alerting.discord_webhook_url),
        ("PAGERDUTY_ROUTING_KEY", &alerting.pagerduty_routing_key),
    ] {
        output::print(format_args!("{name}={}", masked(list.as_deref())))?;
    }
    output::print(format_args!("PAGERDUTY_EVENTS_URL={}", alerting.pagerduty_events_url))?;
    output::print(format_args!("ALERT_LANGUAGE={}", alerting.alert_language.name()))?;
    output::print(format_args!("DIGEST_AT={}", alerting.digest_at))?;
    let zone = alerting.time_zone.iana_name().unwrap_or("UTC");
    output::print(format_args!("TIME_ZONE={zone}"))?;
    Ok(Exit::Done)
}

/// As many stars as there are addresses; each is a secret.
fn masked(list: Option<&str>) -> String {
    list.map_or_else(
        || "(not set)".to_owned(),
        |list| vec!["****"; list.split(',').count()].join(","),
    )
}
