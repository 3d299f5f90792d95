//! The server on SQLite beside peers: receivers in other languages, with the frameworks and the
//! libraries that most would take, as a good programmer writes them in an afternoon.
//!
//! Each peer checks the signature with Stripe's own library, keeps the event's id, type and time
//! unless it is there already, and answers when that is on the disk. It is one process, as the quick
//! start of its framework runs it. It keeps no ledger and logs nothing.

mod peer;

use std::net::SocketAddr;
use std::path::Path;

use portal_harness::database::Database;
use portal_harness::http::exchange;
use portal_harness::server::{self, Setup};
use xtask::run::Failure;

use self::peer::Peer;
use crate::beside::Beside;
use crate::open_loop::{self, Pace};
use crate::side_by_side::{self, Contender, Plan};
use crate::sqlite::AIM_MS;
use crate::{Arguments, Bench};

/// Events that a peer acknowledges before it is measured.
const TRIED: usize = 1;

/// Measures the server beside each.
pub(crate) fn run(bench: &mut Bench, arguments: &Arguments, folder: &Path) -> Result<(), Failure> {
    for peer in Peer::ALL {
        println!("installing what {} needs", peer.name());
        peer.install()?;
    }
    let setup = Setup::new(&arguments.build.program()?, folder, "server")?;
    let server = setup.start()?;
    for peer in Peer::ALL {
        contest(bench, arguments, setup.address, peer, folder)?;
    }
    server::stop(server)
}

/// Rates of both, their latencies, and a count of what the peer has kept.
fn contest(
    bench: &mut Bench,
    arguments: &Arguments,
    ours: SocketAddr,
    peer: Peer,
    folder: &Path,
) -> Result<(), Failure> {
    let database = folder.join(format!("{}.db", peer.name()));
    let running = Beside::start_by(|address| peer.command(address, &database))?;
    println!("\n{}, one process: {}", peer.name(), peer.versions()?);
    try_out(bench, running.address)?;
    let plan = Plan::new(arguments);
    let (first, second) = ([ours], [running.address]);
    let contender = |name, addresses| Contender { name, addresses };
    let contest = [contender("server", &first), contender(peer.name(), &second)];
    side_by_side::run(bench, &plan, contest, None)?;
    let pace = Pace { rate: arguments.rate(), seconds: arguments.seconds(), aim_ms: AIM_MS };
    open_loop::run(bench, &first, pace, &format!("server beside {}", peer.name()))?;
    open_loop::run(bench, &second, pace, peer.name())?;
    // Killed, so that what it has kept is what it had kept when it answered.
    drop(running);
    let acknowledged = TRIED + plan.requests_to_each() + pace.requests()?;
    expect_events(&database, acknowledged)
}

/// Fails unless a forged delivery is refused, and a good one is taken in as often as it comes.
fn try_out(bench: &mut Bench, address: SocketAddr) -> Result<(), Failure> {
    let (good, forged) = (bench.ids.draw(), bench.ids.draw());
    let good = bench.deliveries.request(&good);
    let forged = bench.deliveries.forged(&forged);
    for (what, request, expected) in
        [("forged", &forged, 400), ("good", &good, 200), ("repeated", &good, 200)]
    {
        let answer = exchange(address, request)?;
        let is_same = expected != 200 || is_received(&answer.body);
        if answer.status != expected || !is_same {
            let (status, body) = (answer.status, answer.body);
            return Err(format!("a {what} delivery was answered {status}: {body}").into());
        }
    }
    Ok(())
}

/// Returns true for the server's own answer, however its JSON is spaced.
fn is_received(body: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(body)
        .is_ok_and(|it| it == serde_json::json!({ "received": true }))
}

/// Fails unless each event that was acknowledged is there, and nothing else.
fn expect_events(database: &Path, acknowledged: usize) -> Result<(), Failure> {
    let reader = Database::Sqlite(database.to_owned()).open()?;
    let kept = usize::try_from(reader.number("select count(*) from event")?)?;
    if kept != acknowledged {
        return Err(format!("{acknowledged} events were acknowledged, and {kept} are there").into());
    }
    println!("\nall {kept} events that it acknowledged are there");
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{expect_events, is_received};

    #[test]
    fn an_answer_may_have_spaces_and_nothing_more() {
        assert!(is_received(r#"{"received":true}"#));
        assert!(is_received(r#"{ "received": true }"#));
        assert!(!is_received(r#"{"received":false}"#));
        assert!(!is_received("received"));
    }

    #[test]
    fn an_event_that_is_missing_or_too_much_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("peer.db");
        let database = Connection::open(&file).unwrap();
        database
            .execute_batch("create table event (id); insert into event values (1), (2)")
            .unwrap();
        assert!(expect_events(&file, 2).is_ok());
        assert!(expect_events(&file, 1).is_err());
        assert!(expect_events(&file, 3).is_err());
    }
}
