//! `fuzz`: inputs that nobody thought of.

use std::fmt;
use std::fs;

use clap::Args;
use xtask::figures;
use xtask::run::{Failure, cargo, install, run, succeeds};
use xtask::steps::Steps;

use crate::tool::Optimized;

pub(crate) const TARGETS: [&str; 3] = ["header", "envelope", "intake"];

/// Events as Stripe sends them.
const SAMPLES: [&str; 3] =
    ["samples/events/2024-06-20", "samples/events/2025-09-30.clover", "samples/events/thin"];

/// The target to fuzz, and the time for it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Inputs for each target, instead of a time; without the address sanitizer
    #[arg(long, conflicts_with = "seconds")]
    runs: Option<u32>,
    /// The targets; all of them where none is named.
    #[arg(value_parser = TARGETS)]
    targets: Vec<String>,
}

/// The end of a target's run.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    Seconds(u32),
    Runs(u32),
}

/// Runs each target; an input that breaks something fails its step and is kept in `fuzz/artifacts`.
pub(crate) fn take(steps: &mut Steps, arguments: &Arguments) {
    let every = TARGETS.map(str::to_owned);
    let targets = if arguments.targets.is_empty() { &every[..] } else { &arguments.targets };
    for target in targets {
        let until = arguments.runs.map_or(Until::Seconds(arguments.seconds), Until::Runs);
        steps.take(&format!("fuzz: {target}"), || fuzz(target, until, Optimized::Yes));
    }
}

/// Runs one target. To compile it with optimizations takes longer than a short round.
pub(crate) fn fuzz(target: &str, until: Until, optimized: Optimized) -> Result<(), Failure> {
    install("cargo-fuzz", &mut cargo(&["fuzz", "--version"]))?;
    // New finds go to the first folder; the others are only read.
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(&corpus)?;
    let seeds = format!("fuzz/seeds/{target}");
    let samples = if target == "envelope" { &SAMPLES[..] } else { &[] };
    let end = match until {
        Until::Seconds(seconds) => format!("-max_total_time={seconds}"),
        Until::Runs(runs) => format!("-runs={runs}"),
    };

    // The sanitizers are unstable flags; without a nightly compiler, RUSTC_BOOTSTRAP lets the
    // stable one take them.
    let nightly = succeeds(&mut cargo(&["+nightly", "--version"]));
    let mut fuzz = if nightly { cargo(&["+nightly"]) } else { cargo(&[]) };
    if !nightly {
        fuzz.env("RUSTC_BOOTSTRAP", "1");
    }
    fuzz.args(["fuzz", "run"]).args((optimized == Optimized::No).then_some("--dev"));
    fuzz.args(until.sanitizer());
    fuzz.args([target, &corpus, &seeds]).args(samples);
    run(fuzz.args(["--", &end, "-verbosity=0", "-print_final_stats=1"]))?;
    match until {
        Until::Seconds(_) => Ok(()),
        Until::Runs(runs) => figures::sum("inputs", runs),
    }
}

impl Until {
    /// Many inputs are tried without the address sanitizer, which makes them two to eight times slower:
    /// it looks for faults of unsafe code, and only the dependencies have some.
    const fn sanitizer(self) -> &'static [&'static str] {
        match self {
            Self::Seconds(_) => &[],
            Self::Runs(_) => &["--sanitizer", "none"],
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "--seconds {seconds}"),
            Self::Runs(runs) => write!(f, "--runs {runs}"),
        }
    }
}
