//! `donation-portal serve`

use portal_domain::Receiver;

use crate::config::{Alerting, Database, LogFormat, Service, Signing, Watch};
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
    #[command(flatten)]
    watch: Watch,
    #[command(flatten)]
    alerting: Alerting,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let receiver = Receiver { secrets: args.signing.secrets()?, tolerance: args.signing.tolerance };
    let care = serve::Care::new(&args.watch, &args.alerting)?;
    let format = args.service.log_format.unwrap_or(LogFormat::Json);
    let log = serve::start_log(format, args.service.rust_log)?;
    let store = args.database.open()?;
    let server = Server::bind(args.service.listen_addr, store, receiver, care);
    let done = server.and_then(Server::run);
    log.flush();
    done.map(|()| Exit::Done)
}
