//! `worker`: the receiver as a Cloudflare Worker.

mod build;

mod group;
mod local;

mod channel;

mod at_stripe;
mod behind_pages;
mod cron;
mod http_cases;
mod restarts;
mod rows;
mod stores;
mod stripe_cli;

mod receiver;

use clap::{Args, Subcommand};

use crate::chance::Chance;
use crate::run::{Failure, run};
use crate::steps::Steps;
use crate::toolchain::{CLOUDFLARE, Toolchain, wrangler};

use self::build::{WORKER, build};
use self::local::BINDING;
use self::receiver::with_receiver;

pub(crate) use self::receiver::{Memory, receiver, start_bare};

/// What to do with the Worker.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build it, and say what it weighs.
    Build,
    /// Run it on this machine, with a throw-away secret.
    Dev,
    /// Show it right in the local runtime.
    Test,
    /// Build it, and count the rows that it reads and writes on D1: a part of `test`.
    Rows,
    /// Build it, and put it in place.
    Deploy {
        /// Only say what would be put in place.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does what was asked for.
pub(crate) fn worker(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.task {
        Task::Build => build_and_weigh(),
        Task::Dev => dev(),
        Task::Test => {
            let mut steps = Steps::default();
            take(&mut steps);
            steps.finish()
        }
        Task::Rows => {
            build_and_weigh()?;
            let mut steps = Steps::default();
            count_rows(&mut steps);
            steps.finish()
        }
        Task::Deploy { dry_run } => {
            build_and_weigh()?;
            deploy(dry_run.then_some("--dry-run"))
        }
    }
}

/// Builds the Worker with the tools that this takes; fails where it is too large.
pub(crate) fn build_and_weigh() -> Result<(), Failure> {
    build(&toolchain()?)
}

/// Shows the Worker right in further `steps`.
pub(crate) fn take(steps: &mut Steps) {
    let mut built = None;
    steps.take("worker: build, within its limit", || {
        let toolchain = toolchain()?;
        build(&toolchain)?;
        built = Some(toolchain);
        Ok(())
    });
    let Some(toolchain) = built else { return };
    steps.take("worker: deploy --dry-run", || deploy(Some("--dry-run")));
    steps.take("worker: HTTP cases, on D1", || with_receiver(Memory::D1, http_cases::on_d1));
    steps.take("worker: without its database", || {
        with_receiver(Memory::Isolate, http_cases::without_d1)
    });
    steps.take("worker: restarts forget nothing", || with_receiver(Memory::D1, restarts::restarts));
    steps.take("worker: cron", || with_receiver(Memory::D1, cron::cron));
    count_rows(steps);
    steps.take("worker: at Stripe", || with_receiver(Memory::D1, at_stripe::at_stripe));
    steps.take("worker: behind Pages", || with_receiver(Memory::D1, behind_pages::behind_pages));
    steps.take("worker: stripe trigger, by localstripe", || {
        with_receiver(Memory::D1, stripe_cli::trigger)
    });
    steps.take("worker: the suites for stores, on D1", || stores::stores(&toolchain));
}

fn count_rows(steps: &mut Steps) {
    steps.take("worker: rows of a delivery", || with_receiver(Memory::D1, rows::of_deliveries));
    steps.take("worker: rows of a day at rest", || with_receiver(Memory::D1, rows::at_rest));
}

/// The compiler and Cloudflare's tools.
fn toolchain() -> Result<Toolchain, Failure> {
    CLOUDFLARE.npm()?;
    Toolchain::find()
}

fn dev() -> Result<(), Failure> {
    build_and_weigh()?;
    let mut migrate = wrangler(WORKER)?;
    migrate.args(["d1", "migrations", "apply", BINDING, "--local"]);
    // Without it, wrangler asks whether to.
    run(migrate.env("CI", "1"))?;
    let mut chance = Chance::new(Chance::fresh_seed());
    let secret = format!("whsec_{:016x}{:016x}", chance.draw(), chance.draw());
    println!("\nin another terminal:  donation-portal send --secret {secret}\n");
    let variable = format!("STRIPE_WEBHOOK_SECRET:{secret}");
    run(wrangler(WORKER)?.args(["dev", "--ip", "127.0.0.1", "--var", &variable]))
}

fn deploy(dry_run: Option<&str>) -> Result<(), Failure> {
    run(wrangler(WORKER)?.arg("deploy").args(dry_run))
}
