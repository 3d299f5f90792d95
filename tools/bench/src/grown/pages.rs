//! The pages of the console at the grown inbox, and the intake while they are looked at.

use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portal_harness::http;
use portal_harness::server::{self, Setup, free_address};
use xtask::run::{Failure, wait_for};

use crate::open_loop::{self, Pace};
use crate::side_by_side::Plan;
use crate::{Bench, verdict};

/// The first page, whose sums and chart are prepared by a job that begins with the server.
const OVERVIEW: &str = "/ops/";

const EVENTS: &str = "/ops/events";

/// The pages with how many milliseconds their p95 may take. No event has the type, the reason, the
/// origin or the mode that are asked for, and no donation is disputed.
const PAGES: [(&str, f64); 16] = [
    (OVERVIEW, 50.0),
    ("/ops/donations", 100.0),
    ("/ops/donations?period=30d", 100.0),
    ("/ops/donations?mode=test", 100.0),
    ("/ops/donations?dispute=open", 100.0),
    (EVENTS, 100.0),
    ("/ops/events?state=ignored", 100.0),
    ("/ops/events?type=charge.failed", 100.0),
    ("/ops/events?reason=unknown_type", 100.0),
    ("/ops/events?origin=reconciled", 100.0),
    ("/ops/events?mode=test", 100.0),
    ("/ops/events?type=charge.failed&since=7d", 100.0),
    ("/ops/statement", 100.0),
    ("/ops/reports", 100.0),
    ("/ops/alerts", 100.0),
    ("/ops/actions", 100.0),
];

const ONE_MS_MAX: f64 = 100.0;

/// The requests for each page in each round; two more go before them.
const REQUESTS: usize = 5;

/// The time that the figures of a year may take to be prepared.
const FIGURES_LIMIT: Duration = Duration::from_secs(120);

/// The consoles that are open while the intake is measured, and the interval at which each asks anew.
const CONSOLES: usize = 4;
const REFRESH: Duration = Duration::from_secs(5);

/// The rounds of the intake without and with them.
const ROUNDS: usize = 3;

/// Measures the pages of the console at the inbox of `setup`, whose server does not run.
pub(super) fn run(
    bench: &mut Bench,
    plan: &Plan,
    setup: &Setup,
    pace: Pace,
) -> Result<(), Failure> {
    let console = free_address()?;
    let setup = setup.clone().with_console(console);
    let server = setup.start()?;
    wait_for("the figures to be prepared", FIGURES_LIMIT, || {
        Ok(http::get(console, OVERVIEW)?.body.contains("by-day-title").then_some(()))
    })?;
    let requests = REQUESTS * plan.rounds;
    println!("\nthe console, {requests} requests for each page\n   p50 ms   p95 ms    bytes");
    for (path, aim_ms) in PAGES {
        measure(bench, console, requests, (path, path), aim_ms)?;
    }
    let ones = [
        ("/ops/donations/{id}", OVERVIEW, "/ops/donations/pi_"),
        ("/ops/events/{id}", EVENTS, "/ops/events/evt_"),
    ];
    for (name, page, beginning) in ones {
        let path = first_on(console, page, beginning)?;
        measure(bench, console, requests, (name, &path), ONE_MS_MAX)?;
    }
    for round in 1..=ROUNDS {
        open_loop::run(bench, &[setup.address], pace, &format!("{round}: nobody looks"))?;
        let how = format!("{round}: {CONSOLES} consoles refresh");
        while_consoles_refresh(console, || open_loop::run(bench, &[setup.address], pace, &how))?;
    }
    server::stop(server)
}

/// Prints how long the page takes, and whether that is within the aim.
fn measure(
    bench: &mut Bench,
    console: SocketAddr,
    requests: usize,
    (name, path): (&str, &str),
    aim: f64,
) -> Result<(), Failure> {
    let mut took = Vec::with_capacity(requests);
    let mut bytes = 0;
    for request in 0..requests + 2 {
        let started = Instant::now();
        let page = http::get(console, path)?;
        if request >= 2 {
            took.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        bytes = page.body.len();
        if page.status != 200 {
            println!("        –        –           {name}   {}: NOT MET", page.status);
            return Ok(());
        }
    }
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took.get(requests * share / 100).copied().unwrap_or(f64::NAN);
    let (p50, p95) = (at(50), at(95));
    bench.keep(&format!("console, {name}: p95 in ms"), p95)?;
    let met = verdict(p95 <= aim);
    println!("  {p50:7.1}  {p95:7.1}  {bytes:7}   {name}   {met} (aim: {aim} ms)");
    Ok(())
}

/// Returns the path of the first donation or event on a page, which begins so.
fn first_on(console: SocketAddr, page: &str, beginning: &str) -> Result<String, Failure> {
    let page = http::get(console, page)?.body;
    let mut links = page.split("href=\"").filter_map(|it| Some(it.split_once('"')?.0));
    let found = links.find(|it| it.starts_with(beginning));
    Ok(found.ok_or_else(|| format!("no {beginning} on the page"))?.to_owned())
}

/// Does `work` while consoles ask for the first page anew, every few seconds.
fn while_consoles_refresh(
    console: SocketAddr,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let mut ends = Vec::new();
        for _ in 0..CONSOLES {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            scope.spawn(move || {
                loop {
                    // One that is busy is asked again like any other.
                    http::get(console, OVERVIEW).ok();
                    if ended.recv_timeout(REFRESH) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            });
        }
        let done = work();
        drop(ends);
        done
    })
}
