//! Rounds of what finds a fault only now and then: random cases, kills, fuzzing, load.

use std::ffi::OsString;

use xtask::run::{Failure, cargo, run, target_folder};
use xtask::steps::Steps;

use crate::fuzz;
use crate::tool::{Optimized, Tool};

/// The stores that a server has.
const STORES: [&str; 2] = ["sqlite", "postgres"];

/// The file of each night's figures, one object a line; only those of one machine can be compared.
const TREND: &str = "bench-trend.jsonl";

/// The lengths of the rounds.
pub(crate) struct Rounds {
    /// Random cases for each model; `None` where those of `test` suffice.
    model_cases: Option<u32>,
    kills: u32,
    /// Payments whose donations are looked for as soon as they are acknowledged.
    payments: u32,
    /// Requests of strangers: bodies of 1 MiB, and others.
    hostile: (u32, u32),
    /// Events that were never delivered.
    missed_events: u32,
    /// Widths of a browser's window in which the console is opened, in CSS pixels.
    widths: &'static [&'static str],
    /// For each fuzz target.
    fuzz_seconds: u32,
    bench: Bench,
    peers: Peers,
}

/// The receivers in other languages that the server is measured beside. They are compiled for it, and
/// say nothing about a change of the server that `bench` does not say without them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peers {
    Measured,
    LeftOut,
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
    model_cases: None,
    kills: 10,
    payments: 1000,
    hostile: (1000, 5000),
    missed_events: 3000,
    widths: &["390"],
    fuzz_seconds: 10,
    bench: Bench::Quick,
    peers: Peers::LeftOut,
};

/// Each night; fuzzing takes an hour.
pub(crate) const NIGHTLY: Rounds = Rounds {
    model_cases: Some(10_000),
    kills: 300,
    payments: 10_000,
    hostile: (20_000, 100_000),
    missed_events: 100_000,
    widths: &["320", "390", "1280"],
    fuzz_seconds: 20 * 60,
    bench: Bench::Trend,
    peers: Peers::LeftOut,
};

/// Before a release.
pub(crate) const EVIDENCE: Rounds = Rounds {
    model_cases: Some(50_000),
    kills: 1000,
    payments: 100_000,
    hostile: (20_000, 1_000_000),
    missed_events: 100_000,
    widths: &["320", "390", "1280"],
    fuzz_seconds: 2 * 3600,
    bench: Bench::Grown(5_000_000),
    peers: Peers::Measured,
};

impl Rounds {
    /// Takes each round as a step.
    pub(crate) fn take(&self, steps: &mut Steps) {
        if let Some(cases) = self.model_cases {
            take_models(steps, cases);
        }
        for store in STORES {
            let kills = self.kills.to_string();
            steps.take(&format!("kills: {kills} on {store}"), || {
                self.tool(Tool::Crash, &["--store", store, "--rounds", &kills])
            });
            let payments = self.payments.to_string();
            steps.take(&format!("payments: {payments} on {store}"), || {
                self.tool(Tool::Crash, &["--store", store, "--payments", &payments])
            });
        }
        steps.take("full disk", || self.tool(Tool::Crash, &["--full-disk"]));
        steps.take("strangers", || self.hostile());
        let missed = self.missed_events.to_string();
        steps.take(&format!("outage: {missed} events"), || {
            self.tool(Tool::Outage, &["--events", &missed])
        });
        let widths: Vec<_> = self.widths.iter().flat_map(|it| ["--width", *it]).collect();
        steps.take("browser", || self.tool(Tool::Browser, &widths));
        steps.take("monitoring", || self.tool(Tool::Monitoring, &[]));
        steps.take("clients", || self.tool(Tool::Clients, &[]));
        fuzz::take(steps, &fuzz::Arguments::all(self.fuzz_seconds));
        for store in STORES {
            steps.take(&format!("bench: {store}"), || {
                self.bench(&["--store", store], self.server()?)
            });
        }
        steps.take("bench: Worker", || self.bench(&["--worker"], Vec::new()));
        if self.peers == Peers::Measured {
            steps.take("bench: peers", || Tool::Bench.run(Optimized::Yes, ["--peers"]));
        }
    }

    fn hostile(&self) -> Result<(), Failure> {
        let (bodies, requests) = self.hostile;
        let quick = (self.bench == Bench::Quick).then_some("--quick");
        let (bodies, requests) = (bodies.to_string(), requests.to_string());
        let mut words = vec!["--bodies", &bodies, "--requests", &requests];
        words.extend(quick);
        self.tool(Tool::Hostile, &words)
    }

    fn tool(&self, tool: Tool, words: &[&str]) -> Result<(), Failure> {
        let words = words.iter().map(Into::into);
        tool.run(Optimized::No, words.chain(self.server()?))
    }

    /// Names the server that `test` has built, where its speed does not count.
    fn server(&self) -> Result<Vec<OsString>, Failure> {
        if self.bench != Bench::Quick {
            return Ok(Vec::new());
        }
        let built = target_folder()?.join("debug/donation-portal");
        Ok(vec!["--server".into(), built.into()])
    }

    fn bench(&self, of: &[&str], server: Vec<OsString>) -> Result<(), Failure> {
        let (optimized, more) = match self.bench {
            Bench::Quick => (Optimized::No, vec!["--quick".to_owned()]),
            Bench::Trend => (Optimized::Yes, vec!["--trend".to_owned(), TREND.to_owned()]),
            Bench::Grown(events) => {
                (Optimized::Yes, vec!["--grown".to_owned(), events.to_string()])
            }
        };
        let words = of.iter().map(OsString::from).chain(more.into_iter().map(OsString::from));
        Tool::Bench.run(optimized, words.chain(server))
    }
}

/// The stores and the comparison with Stripe against their models, and a million deliveries against the
/// number of series, which takes an optimized build.
fn take_models(steps: &mut Steps, cases: u32) {
    steps.take("series: a million deliveries", || {
        let few = "whatever_comes_a_process_has_few_series";
        run(&mut cargo(&["test", "--release", "-p", "portal-service", "--lib", few]))
    });
    for model in ["suites::model", "reconcile::model"] {
        steps.take(&format!("model: {cases} cases of {model}"), || {
            // With the features of the whole workspace, or nearly everything would be compiled anew.
            let mut test = cargo(&["test", "--workspace", "--test", "it", model]);
            run(test.env("PROPTEST_CASES", cases.to_string()))
        });
    }
}
