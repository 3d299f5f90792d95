//! Shows the Worker right in Cloudflare's own runtime, which runs here as it does there.

mod http_cases;

mod console;

mod restarts;

mod cron;

mod at_stripe;

mod behind_pages;

mod rows;

mod stores;

use std::process::ExitCode;

use clap::Parser;
use portal_contract::orders_max;
use portal_harness::worker::{Bound, with_receiver};
use xtask::steps::Steps;
use xtask::worker;

/// The commands, as `cargo xtask worker` has them.
#[derive(Parser)]
#[command(name = "cargo xtask worker", bin_name = "cargo xtask worker")]
enum Command {
    /// Show it right in the local runtime.
    Test {
        /// The most orders in which the events of a story come
        #[arg(long, default_value_t = orders_max())]
        orders: u64,
    },
    /// Build it, and count the rows that it reads and writes on D1: a part of `test`.
    Rows,
}

fn main() -> ExitCode {
    let command = Command::parse();
    xtask::at_root(|| {
        let mut steps = Steps::default();
        match command {
            Command::Test { orders } => take(&mut steps, orders),
            Command::Rows => {
                worker::build_and_weigh()?;
                count_rows(&mut steps);
            }
        }
        steps.finish()
    })
}

/// Shows the Worker right in further `steps`.
fn take(steps: &mut Steps, orders: u64) {
    let mut built = None;
    steps.take("build, within its limit", || {
        let toolchain = worker::toolchain()?;
        worker::build(&toolchain)?;
        built = Some(toolchain);
        Ok(())
    });
    let Some(toolchain) = built else { return };
    steps.take("deploy --dry-run", || worker::deploy(Some("--dry-run")));
    steps.take("HTTP cases, on D1", || with_receiver(Bound::ToD1, http_cases::on_d1));
    steps.take("without its database", || with_receiver(Bound::ToNothing, http_cases::without_d1));
    steps.take("with settings that are wrong", || {
        with_receiver(Bound::ToD1, http_cases::with_wrong_settings)
    });
    steps.take("without operators there is no console", || {
        with_receiver(Bound::ToD1, console::without_operators)
    });
    steps.take("the console, for operators", || with_receiver(Bound::ToD1, console::for_operators));
    steps.take("restarts forget nothing", || with_receiver(Bound::ToD1, restarts::restarts));
    steps.take("cron", || with_receiver(Bound::ToD1, cron::cron));
    count_rows(steps);
    steps.take("at Stripe", || with_receiver(Bound::ToD1, at_stripe::at_stripe));
    steps.take("behind Pages", || with_receiver(Bound::ToD1, behind_pages::behind_pages));
    steps.take("Pages without Functions", behind_pages::without_functions);
    steps.take("the suites for stores, on D1", || stores::stores(&toolchain, orders));
}

fn count_rows(steps: &mut Steps) {
    steps.take("rows of a delivery", || with_receiver(Bound::ToD1, rows::of_deliveries));
    steps.take("rows of a day at rest", || with_receiver(Bound::ToD1, rows::at_rest));
    steps.take("rows of the console's pages", || with_receiver(Bound::ToD1, rows::of_console));
    steps.take("rows of the runbook's queries", || with_receiver(Bound::ToD1, rows::of_runbook));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Command::command().debug_assert();
    }
}
