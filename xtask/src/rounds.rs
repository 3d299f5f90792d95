//! Rounds of what finds a fault only now and then: random cases, kills, fuzzing, load.

use std::ffi::OsString;

use xtask::run::{Failure, cargo, target_folder};
use xtask::steps::Steps;

use crate::fuzz::{self, Until};
use crate::test::run_tests;
use crate::tool::{Optimized, Tool};

/// The stores that a server has.
const STORES: [&str; 2] = ["sqlite", "postgres"];

/// The file of each night's figures, one object a line; only those of one machine can be compared.
const TREND: &str = "bench-trend.jsonl";

/// The lengths of the rounds.
pub(crate) struct Rounds {
    /// The number of times that a round is run which can go on where it ended: kills, cases, inputs.
    parts: u32,
    /// Random cases for each model; `None` where those of `test` suffice.
    model_cases: Option<u32>,
    kills: u32,
    power_cuts: u32,
    /// Payments whose donations are looked for as soon as they are acknowledged.
    payments: u32,
    /// Requests of strangers: bodies of 1 MiB, and others.
    hostile: (u32, u32),
    /// Events that were never delivered.
    missed_events: u32,
    /// Widths of a browser's window in which the console is opened, in CSS pixels.
    widths: &'static [&'static str],
    /// For each fuzz target.
    fuzz: Until,
    bench: Bench,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bench {
    /// Only that it runs, with the server as it was built for the tests.
    Quick,
    /// The figures, which are kept.
    Trend,
    /// The figures, also those of an inbox of many events.
    Grown(u32),
}

/// On each change: every tool still runs, and a fault that is easily met is met.
pub(crate) const SHORT: Rounds = Rounds {
    parts: 1,
    model_cases: None,
    kills: 10,
    power_cuts: 5,
    payments: 1000,
    hostile: (1000, 5000),
    missed_events: 3000,
    widths: &["390"],
    fuzz: Until::Seconds(10),
    bench: Bench::Quick,
};

/// Each night; fuzzing takes an hour.
pub(crate) const NIGHTLY: Rounds = Rounds {
    parts: 1,
    model_cases: Some(10_000),
    kills: 300,
    power_cuts: 100,
    payments: 10_000,
    hostile: (20_000, 100_000),
    missed_events: 100_000,
    widths: &["320", "390", "1280"],
    fuzz: Until::Seconds(20 * 60),
    bench: Bench::Trend,
};

/// Before a release.
pub(crate) const EVIDENCE: Rounds = Rounds {
    parts: 10,
    model_cases: Some(500),
    kills: 100,
    power_cuts: 100,
    payments: 10_000,
    hostile: (2000, 100_000),
    missed_events: 100_000,
    widths: &["320", "390", "1280"],
    // 10⁸ in all, with three targets.
    fuzz: Until::Runs(3_400_000),
    bench: Bench::Grown(5_000_000),
};

/// One thing to run.
pub(crate) struct Round {
    pub(crate) name: String,
    /// The number of times that it is run.
    pub(crate) parts: u32,
    /// As a person would type it.
    pub(crate) command: String,
    pub(crate) run: Box<dyn Fn() -> Result<(), Failure>>,
}

impl Rounds {
    /// Takes each round as a step.
    pub(crate) fn take(&self, steps: &mut Steps) {
        for round in self.all() {
            steps.take(&round.name, round.run);
        }
    }

    /// Returns each round.
    pub(crate) fn all(&self) -> Vec<Round> {
        let mut all = Vec::new();
        if let Some(cases) = self.model_cases {
            all.extend(self.models(cases));
        }
        for store in STORES {
            let of_store = |what, option, number: u32| {
                let name = format!("{what}: {} on {store}", number * self.parts);
                let words = ["--store", store, option].map(str::to_owned).into_iter();
                self.tool(name, Tool::Crash, words.chain([number.to_string()])).in_parts(self.parts)
            };
            all.push(of_store("kills", "--rounds", self.kills));
            all.push(of_store("payments", "--payments", self.payments));
        }
        let cuts = self.power_cuts.to_string();
        let name = format!("power cut: {}", self.power_cuts * self.parts);
        let words = ["--power-cut", "--rounds", &cuts];
        all.push(self.tool(name, Tool::Crash, words).in_parts(self.parts));
        all.push(self.tool("full disk", Tool::Crash, ["--full-disk"]));
        all.push(self.hostile().in_parts(self.parts));
        let missed = self.missed_events.to_string();
        let name = format!("outage: {missed} events");
        all.push(self.tool(name, Tool::Outage, ["--events", &missed]));
        let widths = self.widths.iter().flat_map(|it| ["--width", *it]);
        all.push(self.tool("browser", Tool::Browser, widths));
        all.push(self.tool("monitoring", Tool::Monitoring, [""; 0]));
        all.push(self.tool("clients", Tool::Clients, [""; 0]));
        all.extend(fuzz::TARGETS.map(|target| self.fuzz(target)));
        all.extend(STORES.map(|store| self.bench(store, &["--store", store])));
        all.push(self.bench("Worker", &["--worker"]));
        // Receivers in other languages say nothing about a change that the others do not say.
        if let Bench::Grown(_) = self.bench {
            let peers = ["--peers".into()];
            all.push(self.optimized("bench: peers".into(), Tool::Bench, Optimized::Yes, peers));
        }
        all
    }

    /// True for the rounds of each change, which drive what the tests have built.
    fn is_short(&self) -> bool {
        self.bench == Bench::Quick
    }

    fn hostile(&self) -> Round {
        let (bodies, requests) = self.hostile;
        let (bodies, requests) = (bodies.to_string(), requests.to_string());
        let mut words = vec!["--bodies", &bodies, "--requests", &requests];
        words.extend(self.is_short().then_some("--quick"));
        self.tool("strangers", Tool::Hostile, words)
    }

    fn fuzz(&self, target: &'static str) -> Round {
        let until = self.fuzz;
        let optimized = if self.is_short() { Optimized::No } else { Optimized::Yes };
        Round {
            name: format!("fuzz: {target}"),
            parts: 1,
            command: format!("cargo xtask fuzz {until} {target}"),
            run: Box::new(move || fuzz::fuzz(target, until, optimized)),
        }
        .in_parts(self.parts)
    }

    /// The stores, the comparison with Stripe and the payouts against their models; stories, in a sixteenth
    /// as many orders; and a million deliveries against the number of series, which takes an optimized
    /// build.
    fn models(&self, cases: u32) -> Vec<Round> {
        let models = ["suites::model", "suites::stories", "reconcile::model", "payouts::model"]
            .map(|it| {
                let name = format!("model: {} cases of {it}", cases * self.parts);
                // With the features of the whole workspace, or nearly everything would be compiled anew.
                let words = ["test", "--workspace", "--test", "it", it];
                tests(name, &words, Some(cases)).in_parts(self.parts)
            });
        let few = "whatever_comes_a_process_has_few_series";
        let series = ["test", "--release", "-p", "portal-service", "--lib", few];
        let series = tests("series: a million deliveries".to_owned(), &series, None);
        std::iter::once(series).chain(models).collect()
    }

    fn bench(&self, name: &str, of: &[&str]) -> Round {
        let (optimized, more) = match self.bench {
            Bench::Quick => (Optimized::No, vec!["--quick".to_owned()]),
            Bench::Trend => (Optimized::Yes, vec!["--trend".to_owned(), TREND.to_owned()]),
            // A local D1 takes too long to be filled.
            Bench::Grown(_) if of.contains(&"--worker") => (Optimized::Yes, Vec::new()),
            Bench::Grown(events) => {
                (Optimized::Yes, vec!["--grown".to_owned(), events.to_string()])
            }
        };
        let words = of.iter().map(OsString::from).chain(more.into_iter().map(OsString::from));
        self.optimized(format!("bench: {name}"), Tool::Bench, optimized, words)
    }

    pub(crate) fn tool<W: Into<OsString>>(
        &self,
        name: impl Into<String>,
        tool: Tool,
        words: impl IntoIterator<Item = W>,
    ) -> Round {
        self.optimized(name.into(), tool, Optimized::No, words.into_iter().map(Into::into))
    }

    fn optimized(
        &self,
        name: String,
        tool: Tool,
        optimized: Optimized,
        words: impl IntoIterator<Item = OsString>,
    ) -> Round {
        let words: Vec<_> = words.into_iter().collect();
        let typed: Vec<_> = words.iter().map(|it| it.to_string_lossy()).collect();
        let command = format!("cargo xtask {} {}", tool.task(), typed.join(" "));
        // The Worker is no program of ours.
        let as_tested = self.is_short() && !typed.iter().any(|it| it == "--worker");
        let run = move || {
            let mut words = words.clone();
            if as_tested {
                let built = target_folder()?.join("debug/donation-portal");
                words.extend(["--server".into(), built.into()]);
            }
            tool.run(optimized, words)
        };
        Round { name, parts: 1, command: command.trim_end().to_owned(), run: Box::new(run) }
    }
}

impl Round {
    const fn in_parts(mut self, parts: u32) -> Self {
        self.parts = parts;
        self
    }
}

/// Tests, whose number is a figure.
pub(crate) fn tests(name: String, words: &[&'static str], cases: Option<u32>) -> Round {
    let words = words.to_vec();
    let cases = cases.map(|it| it.to_string());
    let before = cases.as_ref().map(|it| format!("PROPTEST_CASES={it} ")).unwrap_or_default();
    let command = format!("{before}cargo {}", words.join(" "));
    let run = move || run_tests(cargo(&words).envs(cases.iter().map(|it| ("PROPTEST_CASES", it))));
    Round { name, parts: 1, command, run: Box::new(run) }
}
