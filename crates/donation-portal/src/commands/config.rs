//! `donation-portal config`

use crate::config::{Database, LogFormat, Service, Signing};
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
    Ok(Exit::Done)
}
