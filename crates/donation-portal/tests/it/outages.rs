//! PostgreSQL fails while the server runs: no event is acknowledged without being stored, log and
//! readiness give the reason, and deliveries are accepted again without a restart.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, DONOR, gift};
use crate::support::home::TestHome;
use crate::support::http::{assert_unavailable, delivery};
use crate::support::postgres::{self, Database, Held, PASSWORD};
use crate::support::server::Server;
use crate::support::{Result, at_once};
use portal_testkit::postgres::{Cluster, Proxy};

/// The time within which a delivery must be refused: the deadline of the service is 5 seconds, that
/// of Stripe 10 or more.
const REFUSAL_LIMIT: Duration = Duration::from_secs(8);

/// The time after the end of the trouble within which a delivery must be acknowledged.
const RECOVERY_LIMIT: Duration = Duration::from_secs(5);

/// The time within which liveness must be answered, whatever the store does.
const HEALTH_LIMIT: Duration = Duration::from_secs(1);

/// The time to wait for something that will happen soon.
const SOON: Duration = Duration::from_secs(20);

/// A running service with its database.
struct Portal {
    home: TestHome,
    server: Server,
    proxy: Arc<Proxy>,
}

impl Portal {
    /// Starts a service on the shared server, behind a proxy of its own that the test can break.
    fn new() -> Result<Self> {
        Self::on(&postgres::cluster()?)
    }

    fn on(cluster: &Arc<Cluster>) -> Result<Self> {
        let proxy = Arc::new(Proxy::start(cluster.address())?);
        let home = TestHome::with(Database::new(cluster)?.through(&proxy))?;
        let server = home.serve()?;
        let portal = Self { home, server, proxy };
        portal.wait_until_ready()?;
        portal.delivers_soon("before")?;
        Ok(portal)
    }

    /// Delivers a gift and asserts that it is acknowledged.
    fn delivers(&self, name: &str) -> Result {
        let answer = self.server.deliver(gift(name))?;
        assert_eq!(answer.status, 200, "{name}: {answer:?}\n{}", self.server.text());
        Ok(())
    }

    /// Delivers a gift and asserts that it is refused in time and for one of these reasons.
    fn refuses(&self, name: &str, reasons: &[&str]) -> Result {
        let watch = Stopwatch::start();
        let answer = self.server.deliver(gift(name))?;
        assert!(watch.elapsed() < REFUSAL_LIMIT, "{:?}: {answer:?}", watch.elapsed());
        assert_unavailable(&answer)?;
        let refused = self.server.logged(|line| {
            line["outcome"] == "unavailable" && line["event_id"] == format!("evt_{name}")
        })?;
        let reason = refused["reason"].as_str().unwrap_or_default();
        assert!(reasons.contains(&reason), "{refused}");
        assert_eq!(refused["status"], 503);
        assert!(answer.body.contains(reason), "{answer:?}");
        Ok(())
    }

    /// Delivers a gift repeatedly, as Stripe does, until it is acknowledged.
    fn delivers_soon(&self, name: &str) -> Result {
        wait_for("a gift to be acknowledged again", RECOVERY_LIMIT, || {
            let answer = self.server.deliver(gift(name))?;
            match answer.status {
                200 => Ok(Some(())),
                503 => Ok(None),
                _ => Err(format!("{answer:?}").into()),
            }
        })
    }

    /// Waits until the service is not ready for one of these reasons; an earlier answer may be reused
    /// for a second.
    fn is_not_ready(&self, reasons: &[&str]) -> Result {
        let answer = wait_for("it not to be ready", SOON, || {
            let answer = self.server.get("/health/ready")?;
            let why = reasons.iter().any(|why| answer.body.contains(&format!("store: {why}")));
            Ok(why.then_some(answer))
        })?;
        assert_unavailable(&answer)?;
        self.server.logged(|line| {
            line["outcome"] == "not_ready"
                && line["reason"].as_str().is_some_and(|reason| answer.body.contains(reason))
        })?;
        Ok(())
    }

    fn is_healthy(&self) -> Result {
        let watch = Stopwatch::start();
        assert_eq!(self.server.get("/health")?.body, "ok");
        let taken = watch.elapsed();
        assert!(taken < HEALTH_LIMIT, "/health took {taken:?}");
        Ok(())
    }

    fn wait_until_ready(&self) -> Result {
        wait_for("it to be ready", SOON, || {
            Ok((self.server.get("/health/ready")?.status == 200).then_some(()))
        })
    }

    /// Asserts that exactly these gifts are stored, each once as an event and once as a donation, and
    /// that no personal data or secret was printed.
    fn has(mut self, names: &BTreeSet<String>) -> Result {
        let known = |prefix: &str| -> Vec<String> {
            names.iter().map(|it| format!("{prefix}_{it}")).collect()
        };
        let mut inbox = self.home.inbox()?;
        inbox.sort();
        assert_eq!(inbox, known("evt"));
        let payments = self.home.server()?.ask("select id from payment order by id")?;
        assert_eq!(payments.lines().collect::<Vec<_>>(), known("pi"));
        let others = "select count(*) from event where state <> 'processed'";
        assert_eq!(self.home.server()?.ask(others)?, "0");
        assert!(self.server.lives()?);
        let said = String::from_utf8(self.server.stop()?)?;
        for secret in [PASSWORD, DONOR] {
            assert!(!said.contains(secret), "{said}");
        }
        assert!(!said.contains("panicked"), "{said}");
        Ok(())
    }

    /// Asserts what holds in every trouble: refusals, readiness, and recovery without a restart.
    fn survives(
        self,
        reasons: &[&str],
        begin: impl FnOnce() -> Result,
        end: impl FnOnce() -> Result,
    ) -> Result {
        begin()?;
        at_once(3, |number| match number {
            // The first delivery finds the old connection, the second makes a new one.
            0 => ["1", "2"].iter().try_for_each(|name| self.refuses(name, reasons)),
            1 => self.is_not_ready(reasons),
            _ => (0..10).try_for_each(|_| {
                self.is_healthy()?;
                std::thread::sleep(Duration::from_millis(100));
                Ok(())
            }),
        })?;
        end()?;
        ["1", "2", "after"].iter().try_for_each(|name| self.delivers_soon(name))?;
        self.wait_until_ready()?;
        self.has(&["before", "1", "2", "after"].map(str::to_owned).into())
    }
}

/// The reasons if the connection ended, or none can be made.
const GONE: &[&str] = &["store_unreachable"];

/// The reasons if the server does not answer. A delivery that waited for the one before may have had
/// no time left.
const SILENT: &[&str] = &["store_timed_out", "deadline_passed"];

on_postgres! {
    a_server_that_is_stopped_or_killed_is_unreachable_until_it_is_back
    a_server_or_a_network_that_does_not_answer_is_given_up_in_time
    a_network_that_is_cut_is_unreachable_until_it_is_mended
    a_slow_network_only_delays
    a_database_without_room_or_that_is_read_only_is_refused_until_it_is_not
    a_table_that_somebody_holds_is_busy_until_it_is_let_go
    a_delivery_is_refused_where_the_answer_to_its_commit_is_lost_and_its_repeat_is_a_duplicate
    nothing_acknowledged_is_lost_while_the_server_comes_and_goes
    nothing_acknowledged_is_lost_or_doubled_while_answers_get_lost
    many_senders_in_an_outage_cost_no_threads_no_files_and_little_memory
}

fn a_server_that_is_stopped_or_killed_is_unreachable_until_it_is_back() -> Result {
    at_once(2, |number| {
        let cluster = postgres::start(&[])?;
        let end = || match number {
            0 => cluster.stop(),
            _ => cluster.kill(),
        };
        Portal::on(&cluster)?.survives(GONE, || Ok(end()?), || Ok(cluster.start_again()?))
    })
    .map(drop)
}

fn a_server_or_a_network_that_does_not_answer_is_given_up_in_time() -> Result {
    at_once(3, |number| {
        if number == 0 {
            let cluster = postgres::start(&[])?;
            let portal = Portal::on(&cluster)?;
            return portal.survives(SILENT, || Ok(cluster.pause()?), || Ok(cluster.resume()?));
        }
        let portal = Portal::new()?;
        let proxy = Arc::clone(&portal.proxy);
        let begin = || {
            match number {
                1 => proxy.hang(),
                _ => proxy.slow(Duration::from_secs(3)),
            }
            Ok(())
        };
        portal.survives(SILENT, begin, || {
            proxy.pass();
            Ok(())
        })
    })
    .map(drop)
}

fn a_network_that_is_cut_is_unreachable_until_it_is_mended() -> Result {
    let portal = Portal::new()?;
    let proxy = Arc::clone(&portal.proxy);
    let set = |set: fn(&Proxy)| {
        set(&proxy);
        Ok(())
    };
    portal.survives(GONE, || set(Proxy::cut), || set(Proxy::pass))
}

fn a_slow_network_only_delays() -> Result {
    let portal = Portal::new()?;
    portal.proxy.slow(Duration::from_millis(50));
    let watch = Stopwatch::start();
    portal.delivers("1")?;
    assert!(watch.elapsed() >= Duration::from_millis(100), "it is not slow");
    portal.wait_until_ready()?;
    portal.proxy.pass();
    portal.has(&["before", "1"].map(str::to_owned).into())
}

fn a_database_without_room_or_that_is_read_only_is_refused_until_it_is_not() -> Result {
    let settings = [
        ("store_too_many_connections", "connection limit 0", "connection limit -1"),
        (
            "store_read_only",
            "set default_transaction_read_only = on",
            "reset default_transaction_read_only",
        ),
    ];
    at_once(settings.len(), |number| {
        let (reason, begin, end) = settings[number];
        let portal = Portal::new()?;
        let database = portal.home.server()?.clone();
        // The setting counts for new connections.
        let alter = |what: &str| {
            database.alter(what)?;
            database.disconnect()
        };
        portal.survives(&[reason], || alter(begin), || alter(end))
    })
    .map(drop)
}

/// The lock is tried on the table of events and on one of the ledger.
fn a_table_that_somebody_holds_is_busy_until_it_is_let_go() -> Result {
    at_once(2, |number| {
        let portal = Portal::new()?;
        let database = portal.home.server()?.clone();
        let held = RefCell::new(None);
        // The readiness check times out before the wait for a lock does.
        portal.survives(
            &["store_busy", "store_timed_out"],
            || {
                held.replace(Some(database.hold(["event", "payment"][number])?));
                Ok(())
            },
            || held.take().map_or(Ok(()), Held::release),
        )
    })
    .map(drop)
}

fn a_delivery_is_refused_where_the_answer_to_its_commit_is_lost_and_its_repeat_is_a_duplicate()
-> Result {
    let portal = Portal::new()?;
    let database = portal.home.server()?;
    let held = database.hold_commits()?;
    std::thread::scope(|scope| {
        let refusal = scope.spawn(|| portal.refuses("1", GONE));
        let under_way = wait_for("the commit", SOON, || {
            let commits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
                           and query = 'commit' and datname = current_database()";
            Ok((database.ask(commits)? == "1").then_some(()))
        });
        portal.proxy.lose_answers();
        held.release()?;
        refusal.join().map_err(|_| "the sender panicked")??;
        under_way
    })?;
    // The event was committed with its donation, although the acknowledgement was lost.
    assert_eq!(portal.home.inbox()?, ["evt_before", "evt_1"]);
    assert_eq!(database.ask("select id from donation order by id")?, "pi_1\npi_before");
    portal.refuses("1", GONE)?;
    portal.proxy.pass();
    portal.delivers_soon("1")?;
    portal.server.logged(|line| line["outcome"] == "duplicate" && line["event_id"] == "evt_1")?;
    portal.delivers("2")?;
    portal.has(&["before", "1", "2"].map(str::to_owned).into())
}

/// Delivers gifts on several connections until `stop`, repeating each until it is acknowledged.
fn deliver_until(portal: &Portal, stop: &AtomicBool) -> Result<BTreeSet<String>> {
    let acknowledged = at_once(4, |sender| {
        let mut acknowledged = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let name = format!("{sender}_{}", acknowledged.len());
            wait_for("a gift to be acknowledged", SOON * 2, || {
                let answer = portal.server.deliver(gift(&name))?;
                match answer.status {
                    200 => Ok(Some(())),
                    503 => Ok(None),
                    _ => Err(format!("{answer:?}").into()),
                }
            })?;
            acknowledged.push(name);
        }
        Ok(acknowledged)
    })?;
    let before = ["before".to_owned()];
    Ok(acknowledged.into_iter().flatten().chain(before).collect())
}

/// Runs `happen` while gifts are delivered, and asserts that every acknowledged one is stored once.
fn nothing_is_lost_while(portal: Portal, happen: impl FnOnce(&Portal) -> Result) -> Result {
    let stop = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let deliveries = scope.spawn(|| deliver_until(&portal, &stop));
        let happened = happen(&portal);
        stop.store(true, Ordering::Relaxed);
        let acknowledged = deliveries.join().map_err(|_| "the senders panicked")?;
        happened.and(acknowledged)
    })?;
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let refused =
        portal.server.log()?.iter().filter(|line| line["outcome"] == "unavailable").count();
    assert!(refused > 0, "nothing went wrong");
    portal.has(&acknowledged)
}

/// Waits until there are more rows, which shows that the service is writing.
fn at_work(portal: &Portal) -> Result {
    let before = portal.home.inbox()?.len();
    wait_for("more events", SOON, || Ok((portal.home.inbox()?.len() > before + 5).then_some(())))
}

fn nothing_acknowledged_is_lost_while_the_server_comes_and_goes() -> Result {
    let cluster = postgres::start(&[])?;
    nothing_is_lost_while(Portal::on(&cluster)?, |portal| {
        for down in [Cluster::stop, Cluster::kill, Cluster::kill, Cluster::stop] {
            at_work(portal)?;
            down(&cluster)?;
            cluster.start_again()?;
        }
        at_work(portal)
    })
}

fn nothing_acknowledged_is_lost_or_doubled_while_answers_get_lost() -> Result {
    nothing_is_lost_while(Portal::new()?, |portal| {
        for _ in 0..8 {
            at_work(portal)?;
            portal.proxy.lose_answers();
            std::thread::sleep(Duration::from_millis(30));
            portal.proxy.pass();
        }
        at_work(portal)
    })
}

/// The resources that the service uses.
#[derive(Clone, Copy, Debug)]
struct Taken {
    threads: usize,
    files: usize,
    bytes: usize,
}

impl Taken {
    fn by(server: &Server) -> Result<Self> {
        let of = |what: &str| format!("/proc/{}/{what}", server.id());
        let status = fs::read_to_string(of("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|it| it.split_whitespace().next()).ok_or("no VmRSS")?;
        Ok(Self {
            threads: fs::read_dir(of("task"))?.count(),
            files: fs::read_dir(of("fd"))?.count(),
            bytes: kib.parse::<usize>()? * 1024,
        })
    }
}

fn many_senders_in_an_outage_cost_no_threads_no_files_and_little_memory() -> Result {
    const SENDERS: usize = 50;
    /// The number of additional connections to the database that may be opening or closing.
    const FILES_MORE: usize = 4;
    const BYTES_MORE: usize = 64 * 1024 * 1024;
    let portal = Portal::new()?;
    let stop = AtomicBool::new(false);
    let (refused, before, during) = std::thread::scope(|scope| {
        let senders = scope.spawn(|| {
            at_once(SENDERS, |sender| {
                let mut connection = portal.server.connect()?;
                let mut refused = 0;
                for number in 0.. {
                    let body = gift(&format!("{sender}_{number}"));
                    connection.send(delivery(&body, &event::signature(body.as_bytes())?))?;
                    match connection.answer()?.ok_or("closed")?.status {
                        200 => {}
                        503 => refused += 1,
                        status => return Err(format!("{status}").into()),
                    }
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
                Ok(refused)
            })
        });
        let watched = watch_an_outage(&portal);
        stop.store(true, Ordering::Relaxed);
        portal.proxy.pass();
        let refused = senders.join().map_err(|_| "the senders panicked")??;
        let (before, during) = watched?;
        Result::Ok((refused, before, during))
    })?;
    assert!(refused.iter().all(|refused| *refused > 1), "{refused:?}");
    for taken in &during {
        assert!(taken.threads <= before.threads, "{before:?} {during:?}");
        assert!(taken.files <= before.files + FILES_MORE, "{before:?} {during:?}");
        assert!(taken.bytes <= before.bytes + BYTES_MORE, "{before:?} {during:?}");
    }
    portal.delivers_soon("after")?;
    portal.wait_until_ready()
}

/// Returns the resources used before the network is cut and then hangs, and those used meanwhile.
fn watch_an_outage(portal: &Portal) -> Result<(Taken, Vec<Taken>)> {
    const LOOKS: usize = 20;
    const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
    at_work(portal)?;
    let before = Taken::by(&portal.server)?;
    let mut during = Vec::new();
    for set in [Proxy::cut, Proxy::hang] {
        set(&portal.proxy);
        for _ in 0..LOOKS {
            during.push(Taken::by(&portal.server)?);
            portal.is_healthy()?;
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }
    Ok((before, during))
}
