//! `donation-portal serve`

mod inspect;

use std::sync::Arc;

use portal_service::settings::{ServiceConfig, Settings as _};

use crate::clock::SystemClock;
use crate::config::{Given, LogFormat, Service, introduce};
use crate::database::{DatabaseUrl, Schema};
use crate::exit::{Exit, Failure};
use crate::serve::{self, OperatorListener, Server};

/// Arguments of `serve`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: STRIPE_WEBHOOK_SECRET_FILE=/run/secrets/stripe donation-portal serve"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Service>,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let settings = &args.settings;
    let mut config = ServiceConfig::read(settings, settings.secrets()?)?;
    let (home, address) = (settings.home()?, settings.listen_addr()?);
    let schema = settings.schema(Schema::FirstInstallation)?;
    introduce(&mut config.context, &home);
    let (format, filter) = (settings.log_format(LogFormat::Json)?, settings.log_filter()?);
    let log = serve::start_log(format, filter, settings.time_zone()?)?;
    let idle_timeout = settings.idle_timeout()?;
    let store = home.open(schema)?;
    let operators = console(settings, &config, &home)?;
    let server = Server::bind(address, store, config, idle_timeout)
        .map(|it| traced(it.with_console(operators, &log), settings));
    let done = server.flatten().and_then(Server::run);
    log.flush();
    done.map(|()| Exit::Done)
}

/// Lets the server send traces, in a build that can.
pub(super) fn traced(server: Server, settings: &Given<Service>) -> Result<Server, Failure> {
    #[cfg(feature = "otlp")]
    let server = server.with_traces(settings.traces()?);
    #[cfg(not(feature = "otlp"))]
    let _ = settings;
    Ok(server)
}

/// Binds the console of a service.
pub(super) fn console(
    settings: &Given<Service>,
    config: &ServiceConfig,
    home: &DatabaseUrl,
) -> Result<Option<OperatorListener>, Failure> {
    let (address, clock) = (settings.operator_addr()?, Arc::new(SystemClock::new()));
    let open = |clock| Ok((home.open_for_pages(clock)?, inspect::host(settings, config, home)?));
    OperatorListener::bind(address, config, open, clock)
}
