//! Senders that do not behave: they read nothing, hang up, or send much at once.

use std::time::Duration;

use rusqlite::Connection as Database;

use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, payment};
use crate::support::home::TestHome;
use crate::support::http::{delivery, delivery_head, request};
use crate::support::{Result, at_once};

/// The longest time in which anything here ends on a busy machine.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_sender_that_reads_no_answer_loses_its_connection() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let mut deaf = server.connect()?;
    let mut twin = deaf.twin()?;
    let watch = Stopwatch::start();
    // The write ends with an error when the server has closed the connection.
    let asks = request("GET", "/health").repeat(1000);
    while twin.send(&asks).is_ok() {
        assert!(watch.elapsed() < SOON * 2, "the connection is kept");
    }
    deaf.closed_within(SOON).ok();
    assert_eq!(server.get("/health")?.status, 200);
    server.stop().map(drop)
}

#[test]
fn a_sender_that_closes_its_side_is_answered() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let mut connection = server.connect()?;
    connection.send(delivery(body.as_bytes(), &event::signature(body.as_bytes())?))?;
    connection.end()?;
    assert_eq!(connection.answer()?.map(|it| it.status), Some(200));
    server.stop().map(drop)
}

#[test]
fn a_delivery_is_recorded_and_logged_though_its_sender_hangs_up() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let database = Database::open(home.database())?;
    database.execute_batch("begin immediate")?;
    let body = payment("evt_1");
    let mut connection = server.connect()?;
    connection.send(delivery(body.as_bytes(), &event::signature(body.as_bytes())?))?;
    std::thread::sleep(Duration::from_millis(300));
    drop(connection);
    std::thread::sleep(Duration::from_millis(300));
    database.execute_batch("commit")?;
    let line = server.logged(|line| line["event_id"] == "evt_1")?;
    assert_eq!(line["outcome"], "recorded");
    wait_for("the event", SOON, || Ok((home.inbox()? == ["evt_1"]).then_some(())))?;
    server.stop().map(drop)
}

#[test]
fn many_large_bodies_at_once_are_put_off_and_small_ones_are_not() -> Result {
    const MIB: usize = 1024 * 1024;
    let home = TestHome::new()?;
    let server = home.serve()?;
    let head = delivery_head(MIB, "t=1,v1=0");
    let most = "x".repeat(MIB - 1);
    let statuses = at_once(40, |_| {
        let mut connection = server.connect()?;
        connection.send(&head)?;
        // One that is refused may be closed before all of it is sent.
        connection.send(&most).ok();
        Ok(connection.answer_within(SOON)?.map(|it| it.status))
    });
    // They hold 32 MiB until their time is over, and 400 is for that.
    let small = server.deliver(payment("evt_1"))?;
    let statuses = statuses?;
    assert!(statuses.iter().filter(|it| **it == Some(503)).count() >= 5, "{statuses:?}");
    assert_eq!(small.status, 200);
    server.logged(|line| line["reason"] == "body_memory")?;
    server.stop().map(drop)
}
