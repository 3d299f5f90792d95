//! Opens every page of the console in Chromium and looks for what a person would stumble over.

mod finding;

mod install;

mod portal;

mod troubled;

mod tab;

mod links;

mod live;

mod looks;

mod keyboard;

mod paper;

mod pages;

mod sessions;

use std::process::ExitCode;

use clap::Parser;
use portal_harness::server::Build;
use xtask::run::Failure;

use crate::finding::Findings;
use crate::tab::Tab;
use crate::troubled::TroubledPortal;

/// Open every page of the console in Chromium, in both languages and colour schemes, and look for
/// what a person would stumble over. Pictures are kept in target/browser.
#[derive(Parser)]
#[command(name = "cargo xtask browser", bin_name = "cargo xtask browser")]
struct Arguments {
    #[command(flatten)]
    build: Build,

    /// Width of the window; may be given more than once
    #[arg(long = "width", value_name = "PIXELS", default_values_t = [320, 390, 1280])]
    widths: Vec<u32>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    xtask::at_root(|| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let program = arguments.build.program()?;
    let axe = install::axe()?;
    install::chromium()?;
    let mut findings = Findings::default();
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut tab = Tab::open(axe).await?;
        let troubled = TroubledPortal::start(&program)?;
        pages::look_at_all(&mut tab, &troubled.portal, &arguments.widths, &mut findings).await?;
        live::refresh(&tab, &troubled.portal).await?;
        drop(troubled);
        sessions::sign_in_and_out(&mut tab, &program, &mut findings).await?;
        tab.close().await
    })?;
    findings.finish()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
