//! Faults that the server must survive: kills, a full disk, a database that goes away, strangers,
//! and days without deliveries.

mod crash;

mod outage;

mod hostile;

use std::process::ExitCode;

use clap::Parser;

/// The commands, as `cargo xtask` has them.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Kill the server at random instants, cut its power, restart its database or fill its disk, and
    /// count what it had acknowledged.
    Crash(crash::Arguments),
    /// Make up for an outage of three days by asking a stand-in for Stripe, killed on the way.
    Outage(outage::Arguments),
    /// Send what strangers send, and see what everybody else notices of it.
    Hostile(hostile::Arguments),
}

fn main() -> ExitCode {
    let command = Command::parse();
    xtask::at_root(|| match &command {
        Command::Crash(arguments) => crash::crash(arguments),
        Command::Outage(arguments) => outage::outage(arguments),
        Command::Hostile(arguments) => hostile::hostile(arguments),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Command::command().debug_assert();
    }
}
