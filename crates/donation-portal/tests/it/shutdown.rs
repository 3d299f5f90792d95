//! Shutdown: acknowledged events are stored, running requests are answered, and nothing hangs.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::Duration;

use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, payment};
use crate::support::home::{On, TestHome};
use crate::support::http::{Connection, delivery, delivery_head, request};
use crate::support::server::Server;
use crate::support::{Result, at_once};
use rusqlite::Connection as Database;

/// The time that a shutdown may take if no sender is slow.
const SOON: Duration = Duration::from_secs(3);

/// Delivers events on one connection until it is closed, and returns the acknowledged ones.
fn deliver_until_closed(server: &Server, sender: usize) -> Result<Vec<String>> {
    let mut connection = server.connect()?;
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let id = format!("evt_{sender}_{number}");
        let body = payment(&id);
        let signature = event::signature(body.as_bytes())?;
        if connection.send(delivery(&body, &signature)).is_err() {
            break;
        }
        match connection.answer() {
            Ok(Some(answer)) if answer.status == 200 => acknowledged.push(id),
            Ok(Some(answer)) if answer.status == 503 => {}
            Ok(Some(answer)) => return Err(format!("{answer:?}").into()),
            Ok(None) | Err(_) => break,
        }
    }
    Ok(acknowledged)
}

/// A delivery of which half of the body has been sent.
struct Half {
    connection: Connection,
    rest: String,
}

impl Half {
    fn begin(server: &Server, id: &str) -> Result<Self> {
        let body = payment(id);
        let (begin, rest) = body.split_at(body.len() / 2);
        let mut connection = server.connect()?;
        let head = delivery_head(body.len(), &event::signature(body.as_bytes())?);
        connection.send(head + begin)?;
        // The server needs some time to begin reading the request.
        std::thread::sleep(Duration::from_millis(200));
        let rest = rest.to_owned();
        Ok(Self { connection, rest })
    }

    /// Sends the rest and returns the status.
    fn finish(mut self) -> Result<u16> {
        self.connection.send(&self.rest)?;
        let answer = self.connection.answer()?;
        Ok(answer.ok_or("closed without an answer")?.status)
    }
}

fn wait_until_stopping(server: &Server) -> Result {
    server.logged(|line| line["outcome"] == "stopping").map(drop)
}

on_each_store! {
    what_was_acknowledged_before_the_end_is_kept
    a_delivery_that_has_begun_is_finished_while_new_ones_are_refused
    an_interrupt_ends_it_as_well
}

fn what_was_acknowledged_before_the_end_is_kept(on: On) -> Result {
    let home = TestHome::on(on)?;
    let mut server = home.serve()?;
    let acknowledged = std::thread::scope(|scope| {
        let deliveries = scope.spawn(|| at_once(8, |number| deliver_until_closed(&server, number)));
        std::thread::sleep(Duration::from_millis(700));
        server.signal("TERM")?;
        Result::Ok(deliveries.join().unwrap()?.concat())
    })?;
    assert_eq!(server.ended_within(SOON)?.code(), Some(0));
    let inbox = home.inbox()?;
    let kept: BTreeSet<&String> = inbox.iter().collect();
    assert_eq!(kept.len(), inbox.len(), "an event is there twice");
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    for id in &acknowledged {
        assert!(kept.contains(id), "{id} was acknowledged and is not there");
    }
    Ok(())
}

fn a_delivery_that_has_begun_is_finished_while_new_ones_are_refused(on: On) -> Result {
    let home = TestHome::on(on)?;
    let mut server = home.serve()?;
    let begun = Half::begin(&server, "evt_1")?;
    server.signal("TERM")?;
    wait_until_stopping(&server)?;
    wait_for("new connections to be refused", SOON, || {
        Ok(TcpStream::connect(server.address).err())
    })?;
    assert!(server.lives()?, "it did not wait for the delivery");
    assert_eq!(begun.finish()?, 200);
    assert_eq!(server.ended_within(SOON)?.code(), Some(0));
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

fn an_interrupt_ends_it_as_well(on: On) -> Result {
    let home = TestHome::on(on)?;
    let mut server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    server.signal("INT")?;
    assert_eq!(server.ended_within(SOON)?.code(), Some(0));
    server.logged(|line| line["outcome"] == "stopped")?;
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

#[test]
fn nothing_but_the_database_is_left_behind() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    server.stop()?;
    let left = std::fs::read_dir(home.path(""))?.count();
    assert_eq!(left, 1, "a write-ahead log is not yet in the database");
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

#[test]
fn idle_connections_do_not_hold_the_end_up() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    let mut idle = Vec::new();
    for number in 0..20 {
        let mut connection = server.connect()?;
        if number % 2 == 0 {
            connection.send(request("GET", "/health"))?;
            assert_eq!(connection.answer()?.unwrap().status, 200);
        }
        idle.push(connection);
    }
    server.signal("TERM")?;
    assert_eq!(server.ended_within(SOON)?.code(), Some(0));
    for mut connection in idle {
        connection.closed_within(SOON)?;
    }
    Ok(())
}

#[test]
fn a_second_signal_ends_it_at_once() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    let stuck = Half::begin(&server, "evt_2")?;
    server.signal("TERM")?;
    wait_until_stopping(&server)?;
    std::thread::sleep(Duration::from_millis(500));
    assert!(server.lives()?, "it did not wait for the delivery");

    let watch = Stopwatch::start();
    server.signal("TERM")?;
    let status = server.ended_within(SOON)?;
    assert!(status.code().is_some(), "{status}");
    assert!(watch.elapsed() < SOON);
    server.logged(|line| line["reason"] == "second_signal")?;
    assert!(stuck.finish().is_err());
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

#[test]
fn a_body_that_does_not_come_holds_the_end_up_for_seconds_only() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    let stuck = Half::begin(&server, "evt_1")?;
    let mut half_head = server.connect()?;
    half_head.send("POST /api/webhooks/stripe HTTP/1.1\r\nHost:")?;
    let watch = Stopwatch::start();
    server.signal("TERM")?;
    // Docker kills after ten seconds.
    assert_eq!(server.ended_within(Duration::from_secs(9))?.code(), Some(0));
    assert!(watch.elapsed() > Duration::from_secs(2), "{:?}", watch.elapsed());
    server.logged(|line| line["reason"] == "body_interrupted")?;
    assert_ne!(stuck.finish().ok(), Some(200));
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}

#[test]
fn a_hang_up_ends_nothing() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    server.signal("HUP")?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert!(server.lives()?);
    server.stop().map(drop)
}

#[test]
fn a_locked_database_does_not_hold_the_end_up_for_long() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    let other = Database::open(home.database())?;
    other.execute_batch("begin immediate")?;
    let status = std::thread::scope(|scope| {
        let delivery = scope.spawn(|| server.deliver(payment("evt_1")));
        std::thread::sleep(Duration::from_millis(300));
        server.signal("TERM")?;
        Result::Ok(delivery.join().unwrap()?.status)
    })?;
    assert_eq!(status, 503);
    assert_eq!(server.ended_within(SOON * 3)?.code(), Some(0));
    other.execute_batch("rollback")?;
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}
