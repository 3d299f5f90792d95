//! `donation-portal serve`

use portal_domain::Receiver;

use crate::config::{LogFormat, Running, Signing};
use crate::exit::{Exit, Failure};
use crate::serve::{self, BackgroundConfig, Server};

/// Arguments of `serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    running: Running,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let Args { signing, running: Running { database, schema, service, watch, alerting, stripe } } =
        args;
    let receiver = Receiver { secrets: signing.secrets()?, tolerance: signing.tolerance };
    let home = database.home()?;
    let care = BackgroundConfig::new(&watch, &alerting, &stripe)?;
    let log = serve::start_log(service.log_format.unwrap_or(LogFormat::Json), service.rust_log)?;
    let store = home.open(schema)?;
    let server = Server::bind(service.listen_addr, store, receiver, care);
    let done = server.and_then(Server::run);
    log.flush();
    done.map(|()| Exit::Done)
}
