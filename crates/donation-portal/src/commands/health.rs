//! `donation-portal health`

use std::time::Duration;

use portal_domain::text;
use portal_service::settings::Settings as _;

use crate::config::{Given, Listening};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::server_answer::{self, ServerAnswer};

/// The time to wait for the answer, shorter than container runtimes wait for a check.
const DEADLINE: Duration = Duration::from_secs(3);

/// Arguments of `health`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  HEALTHCHECK CMD [\"donation-portal\", \"health\"]\n  donation-portal health --ready && echo deliveries are taken"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Listening>,

    /// Ask if it takes deliveries, not only if it lives
    #[arg(long)]
    ready: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let address = args.settings.listen_addr()?;
    let (found, exit) = if args.ready {
        let answer = server_answer::ask(address, DEADLINE);
        let is_ready = answer == ServerAnswer::Ready;
        (answer.text(), if is_ready { Exit::Done } else { Exit::FoundWrong })
    } else {
        match server_answer::ask_if_alive(address, DEADLINE) {
            Ok(()) => (text!("alive", "稼働中"), Exit::Done),
            Err(instead) => (instead.text(), Exit::FoundWrong),
        }
    };
    let language = args.settings.cli_language()?;
    output::print(language.choose(&found))?;
    Ok(exit)
}
