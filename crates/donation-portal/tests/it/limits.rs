//! Large, slow, many and malformed requests: each is answered or cut off, and the server goes on.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, payment};
use crate::support::home::{PROGRAM, TestHome};
use crate::support::http::{Answer, WEBHOOK, delivery, delivery_head, error_code, request};
use crate::support::server::Server;
use crate::support::{Result, at_once};

const MIB: usize = 1024 * 1024;

/// The deadline of the server for a head, for a body and for a write that makes no progress, and the
/// least time for which it lets connections be idle.
const TOO_SLOW: Duration = Duration::from_secs(10);

/// The delay allowed beyond [`TOO_SLOW`] on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

/// The maximum number of connections that the server serves at once.
const CONNECTIONS_MAX: usize = 1024;

/// Asserts that the server still receives events.
#[track_caller]
fn assert_goes_on(mut server: Server, home: &TestHome) -> Result {
    assert_eq!(server.deliver(payment("evt_after"))?.status, 200);
    assert_eq!(home.inbox()?.last().map(String::as_str), Some("evt_after"));
    assert!(server.lives()?);
    assert!(!server.text().contains("panicked"), "{}", server.text());
    server.stop()?;
    Ok(())
}

#[track_caller]
fn assert_too_large(answer: Option<Answer>) -> Result {
    let answer = answer.ok_or("closed without an answer")?;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(error_code(&answer)?, "payload_too_large");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    Ok(())
}

/// Returns an event with a body of this number of bytes.
fn event_of(bytes: usize, id: &str) -> String {
    let body = payment(id);
    let filler = bytes - body.len() - r#""filler":"","#.len();
    body.replacen('{', &format!(r#"{{"filler":"{}","#, "x".repeat(filler)), 1)
}

#[test]
fn a_body_announced_with_1_mib_and_a_byte_is_too_large_before_it_is_sent() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let lengths = [MIB + 1, 1 << 50];
    at_once(lengths.len(), |number| {
        let watch = Stopwatch::start();
        assert_too_large(server.say(delivery_head(lengths[number], "t=1,v1=0"))?)?;
        assert!(watch.elapsed() < TOO_SLOW / 2, "{:?}", watch.elapsed());
        Ok(())
    })?;
    server.logged(|line| line["reason"] == "payload_too_large")?;
    assert_goes_on(server, &home)
}

#[test]
fn a_sender_that_pushes_a_large_body_out_reads_that_it_is_too_large() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    // A connection closed too early would make some clients lose the answer, so try it repeatedly.
    for _ in 0..20 {
        let answer = server.deliver(event_of(MIB + 1, "evt_1"))?;
        assert_too_large(Some(answer))?;
    }
    assert_eq!(home.inbox()?, [""; 0]);
    assert_goes_on(server, &home)
}

#[test]
fn a_body_in_chunks_is_too_large_as_soon_as_it_is() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = event_of(MIB + 1, "evt_1");
    let mut connection = server.connect()?;
    connection.send(chunked_head(&event::signature(body.as_bytes())?))?;
    for chunk in body.as_bytes().chunks(64 * 1024) {
        connection.send(format!("{:x}\r\n", chunk.len()))?;
        connection.send(chunk)?;
        connection.send("\r\n")?;
    }
    // The answer comes although the body never ends.
    assert_too_large(connection.answer()?)?;
    assert_eq!(home.inbox()?, [""; 0]);
    assert_goes_on(server, &home)
}

#[test]
fn a_body_in_chunks_is_received_like_any_other() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let mut request = chunked_head(&event::signature(body.as_bytes())?);
    for chunk in body.as_bytes().chunks(7) {
        let chunk = std::str::from_utf8(chunk)?;
        write!(request, "{:x}\r\n{chunk}\r\n", chunk.len())?;
    }
    request.push_str("0\r\n\r\n");
    assert_eq!(server.say(request)?.unwrap().status, 200);
    assert_eq!(home.inbox()?, ["evt_1"]);
    assert_goes_on(server, &home)
}

fn chunked_head(signature: &str) -> String {
    format!(
        "POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
         Stripe-Signature: {signature}\r\n\r\n"
    )
}

#[test]
fn a_head_that_is_too_large_is_refused() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let heads = [
        format!("GET /health HTTP/1.1\r\nX: {}", "x".repeat(20_000)),
        format!("GET /health HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000)),
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(20_000)),
        format!("GET /health HTTP/1.1\r\n{}\r\n", "X: x\r\n".repeat(200)),
    ];
    for head in heads {
        let watch = Stopwatch::start();
        // `None` means that the connection was closed without an answer.
        if let Some(answer) = server.say(&head)? {
            assert!(matches!(answer.status, 414 | 431), "{answer:?}");
        }
        assert!(watch.elapsed() < TOO_SLOW / 2, "{head:.40}");
    }
    assert_goes_on(server, &home)
}

/// A sender that begins a request and then sends little or nothing.
struct Slow<'s> {
    begin: &'s str,
    /// The bytes sent repeatedly after the beginning.
    drip: &'s str,
    /// The statuses answered before the connection is closed.
    answers: &'s [u16],
}

impl Slow<'_> {
    /// Waits until the server closes the connection. Returns the time since the last expected answer,
    /// and the statuses answered.
    fn until_cut_off(&self, server: &Server) -> Result<(Duration, Vec<u16>)> {
        let mut connection = server.connect()?;
        connection.send(self.begin)?;
        let mut answers = Vec::new();
        let mut watch = Stopwatch::start();
        std::thread::scope(|scope| {
            let mut twin = connection.twin()?;
            if !self.drip.is_empty() {
                // The thread ends when the connection is closed.
                scope.spawn(move || {
                    while watch.elapsed() < TOO_SLOW * 2 && twin.send(self.drip).is_ok() {
                        std::thread::sleep(Duration::from_millis(500));
                    }
                });
            }
            while let Some(answer) = connection.answer_within(TOO_SLOW + SLACK)? {
                answers.push(answer.status);
                if answer.status == 200 {
                    watch = Stopwatch::start();
                }
            }
            Ok((watch.elapsed(), answers))
        })
    }
}

fn assert_cut_off(server: &Server, senders: &[Slow<'_>]) -> Result {
    at_once(senders.len(), |number| {
        let sender = &senders[number];
        let (after, answers) = sender.until_cut_off(server)?;
        let due = TOO_SLOW - Duration::from_secs(1)..TOO_SLOW + SLACK;
        assert!(due.contains(&after), "{after:?} for {:?}", sender.begin);
        assert_eq!(answers, sender.answers, "{:?}", sender.begin);
        Ok(())
    })
    .map(drop)
}

#[test]
fn an_idle_connection_is_closed_after_the_time_that_is_set() -> Result {
    let home = TestHome::new()?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    let server = Server::start(serve.env("IDLE_TIMEOUT_SECONDS", "10"))?;
    let served = request("GET", "/health");
    let slow = |begin, answers| Slow { begin, drip: "", answers };
    assert_cut_off(&server, &[slow("", &[]), slow(&served, &[200])])?;
    server.stop().map(drop)
}

#[test]
fn a_slow_sender_is_cut_off() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let head = delivery_head(body.len(), &event::signature(body.as_bytes())?);
    let slow = |begin, drip, answers| Slow { begin, drip, answers };
    let half = head.clone() + &body[..body.len() / 2];
    let senders = [
        slow("POST /", "x", &[]),
        slow(&head[..head.len() / 2], "", &[]),
        slow(&head[..head.len() / 2], "x", &[]),
        slow(&head, "", &[400]),
        slow(&half, "", &[400]),
        slow(&half, "x", &[400]),
    ];
    assert_cut_off(&server, &senders)?;
    server.logged(|line| line["reason"] == "body_interrupted")?;
    assert_eq!(home.inbox()?, [""; 0]);
    assert_goes_on(server, &home)
}

/// Raises the limit of open files of this process as far as the system allows.
fn allow_connections(count: usize) {
    let id = std::process::id().to_string();
    let limit = format!("--nofile={}:", 2 * count);
    // Some systems lack this command; others have no such low limit.
    Command::new("prlimit").args(["--pid", &id, &limit]).output().ok();
}

#[test]
fn more_connections_than_are_served_take_the_place_of_idle_ones() -> Result {
    allow_connections(CONNECTIONS_MAX + 100);
    let home = TestHome::new()?;
    let server = home.serve()?;
    let watch = Stopwatch::start();
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_MAX + 76 {
        idle.push(server.connect()?);
    }
    // The server has reached its maximum of connections.
    assert_eq!(server.get("/health")?.status, 200);
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert!(watch.elapsed() < TOO_SLOW, "{:?}", watch.elapsed());
    // The longest idle one was closed; the last is served.
    idle.remove(0).closed_within(SLACK)?;
    let mut last = idle.pop().ok_or("no connection")?;
    last.send(request("GET", "/health"))?;
    assert_eq!(last.answer()?.map(|it| it.status), Some(200));
    drop(idle);
    assert_goes_on(server, &home)
}

#[test]
fn a_server_that_may_open_few_files_goes_on_when_connections_end() -> Result {
    let home = TestHome::new()?;
    let limited = r#"ulimit -n 64 && exec "$0" serve"#;
    let server = Server::start(&mut home.configured("sh", &["-c", limited, PROGRAM]))?;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(server.connect()?);
    }
    let line = server.logged(|line| line["reason"] == "accept_failed")?;
    assert_eq!(line["outcome"], "unavailable");
    drop(idle);
    assert_goes_on(server, &home)
}

#[test]
fn deliveries_may_follow_each_other_on_one_connection() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let mut connection = server.connect()?;
    for id in ["evt_1", "evt_2", "evt_3"] {
        let body = payment(id);
        connection.send(delivery(&body, &event::signature(body.as_bytes())?))?;
        assert_eq!(connection.answer()?.unwrap().status, 200, "{id}");
    }
    // The connection stays open after a refusal.
    connection.send(delivery(payment("evt_4"), "potato"))?;
    assert_eq!(connection.answer()?.unwrap().status, 400);
    let body = payment("evt_5");
    connection.send(delivery(&body, &event::signature(body.as_bytes())?))?;
    assert_eq!(connection.answer()?.unwrap().status, 200);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2", "evt_3", "evt_5"]);
    assert_goes_on(server, &home)
}

#[test]
fn deliveries_may_be_sent_before_the_one_before_is_answered() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let mut requests = Vec::new();
    for id in ["evt_1", "evt_2"] {
        let body = payment(id);
        requests.extend(delivery(&body, &event::signature(body.as_bytes())?));
    }
    requests.extend(delivery(payment("evt_3"), "potato"));
    requests.extend_from_slice(request("GET", "/health").as_bytes());
    let mut connection = server.connect()?;
    connection.send(requests)?;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(connection.answer()?.unwrap().status);
    }
    assert_eq!(statuses, [200, 200, 400, 200]);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    assert_goes_on(server, &home)
}

#[test]
fn an_old_client_is_answered_and_the_connection_closed() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let mut connection = server.connect()?;
    connection.send(format!(
        "POST {WEBHOOK} HTTP/1.0\r\nContent-Length: {}\r\nStripe-Signature: {}\r\n\r\n{body}",
        body.len(),
        event::signature(body.as_bytes())?
    ))?;
    let answer = connection.answer()?.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    connection.closed_within(TOO_SLOW / 2)?;
    assert_eq!(home.inbox()?, ["evt_1"]);
    assert_goes_on(server, &home)
}

#[test]
fn what_is_no_http_is_refused_or_closed() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03TLS client hello";
    let senseless: [&[u8]; 9] = [
        b"hello\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /api/webhooks/stripe HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/webhooks/stripe HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        hello,
    ];
    for bytes in senseless {
        let watch = Stopwatch::start();
        if let Some(answer) = server.say(bytes)? {
            let shown = bytes.escape_ascii();
            assert!(matches!(answer.status, 400 | 505), "{shown}: {answer:?}");
        }
        assert!(watch.elapsed() < TOO_SLOW / 2, "{}", bytes.escape_ascii());
    }
    // One line says it, and the others are counted.
    server.logged(|line| line["outcome"] == "requests_rejected" && line["not_http"] == 1)?;
    assert_goes_on(server, &home)
}

#[test]
fn a_request_with_two_lengths_of_its_body_is_one_request() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let smuggled = request("GET", "/health");
    let head = delivery_head(body.len(), &event::signature(body.as_bytes())?);
    let head = head.replacen("Host:", "Transfer-Encoding: chunked\r\nHost:", 1);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let mut connection = server.connect()?;
    connection.send(head + &chunk + &smuggled)?;
    if let Some(answer) = connection.answer()? {
        // The body is read by its chunks or refused; reading it by its length would cut it off.
        let received = answer.status == 200 && home.inbox()? == ["evt_1"];
        let refused = answer.status == 400 && home.inbox()?.is_empty();
        assert!(received || refused, "{answer:?}");
    }
    assert_goes_on(server, &home)
}

#[test]
fn a_sender_that_expects_100_continue_gets_it() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let asking = |length: usize, signature: &str| {
        delivery_head(length, signature).replacen("Host:", "Expect: 100-continue\r\nHost:", 1)
    };
    let mut connection = server.connect()?;
    connection.send(asking(body.len(), &event::signature(body.as_bytes())?))?;
    assert_eq!(connection.answer()?.unwrap().status, 100);
    connection.send(&body)?;
    assert_eq!(connection.answer()?.unwrap().status, 200);
    assert_eq!(home.inbox()?, ["evt_1"]);

    // The answer comes before the too large body is sent.
    let mut connection = server.connect()?;
    connection.send(asking(MIB + 1, "t=1,v1=0"))?;
    assert_too_large(connection.answer()?)?;
    assert_goes_on(server, &home)
}

#[test]
fn the_memory_of_many_large_bodies_is_given_back_to_the_system() -> Result {
    const SENDERS: usize = 60;
    let home = TestHome::new()?;
    let server = home.serve()?;
    let before = resident_mib(&server)?;
    // Each has all but the last byte of its body in the server.
    let senders = (0..SENDERS).map(|_| {
        let mut sender = server.connect()?;
        sender.send(delivery_head(MIB / 2, "t=1,v1=0"))?;
        sender.send("x".repeat(MIB / 2 - 1))?;
        Ok(sender)
    });
    let senders = senders.collect::<Result<Vec<_>>>()?;
    wait_for("the bodies to be in memory", SLACK, || {
        Ok((resident_mib(&server)? >= before + 24).then_some(()))
    })?;
    drop(senders);
    wait_for("the memory to be given back", TOO_SLOW, || {
        Ok((resident_mib(&server)? < before + 12).then_some(()))
    })?;
    assert_goes_on(server, &home)
}

/// Returns the memory of the server, in MiB.
fn resident_mib(server: &Server) -> Result<usize> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id()))?;
    let kib = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(kib.trim().trim_end_matches(" kB").parse::<usize>()? / 1024)
}
