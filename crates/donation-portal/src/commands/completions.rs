//! `donation-portal completions`

use clap_complete::Shell;

use crate::exit::{Exit, Failure};

/// Arguments of `completions`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal completions bash > donation-portal.bash")]
pub(crate) struct Args {
    /// Shell to complete for
    shell: Shell,
}

pub(crate) fn run(args: &Args, command: &mut clap::Command) -> Result<Exit, Failure> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, name, &mut script);
    crate::output::print(String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
