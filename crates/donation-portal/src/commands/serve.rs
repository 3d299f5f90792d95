//! `donation-portal serve`

use portal_domain::Receiver;

use crate::config::{Database, LogFormat, Service, Signing};
use crate::exit::{Exit, Failure};
use crate::serve::{self, Server};

/// All that the service takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    service: Service,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let receiver = Receiver { secrets: args.signing.secrets()?, tolerance: args.signing.tolerance };
    let format = args.service.log_format.unwrap_or(LogFormat::Json);
    let log = serve::start_log(format, args.service.rust_log)?;
    let store = args.database.open()?;
    let done = Server::bind(args.service.listen_addr, store, receiver).and_then(Server::run);
    log.flush();
    done.map(|()| Exit::Done)
}
