//! `donation-portal completions`

use clap_complete::Shell;

use crate::exit::{Exit, Failure};

/// Arguments of `completions`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples, with the places where the shells look:\n  donation-portal completions bash > ~/.local/share/bash-completion/completions/donation-portal\n  donation-portal completions zsh > ~/.zfunc/_donation-portal    (and in ~/.zshrc, before compinit: fpath+=~/.zfunc)\n  donation-portal completions fish > ~/.config/fish/completions/donation-portal.fish"
)]
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
