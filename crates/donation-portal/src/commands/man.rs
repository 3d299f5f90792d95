//! `donation-portal man`

use std::path::PathBuf;

use portal_domain::text;

use crate::exit::{Exit, Failure};

/// Arguments of `man`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal man /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// Folder to write them into; it must exist
    folder: PathBuf,
}

pub(crate) fn run(args: &Args, command: clap::Command) -> Result<Exit, Failure> {
    let folder = &args.folder;
    clap_mangen::generate_to(command.disable_help_subcommand(true), folder).map_err(|error| {
        let folder = folder.display();
        Failure::could_not(text!("write into {folder}", "{folder} に書き込めません"), error)
    })?;
    Ok(Exit::Done)
}
