//! The modes of the proxy, tested with an echo server.

#![expect(clippy::panic, reason = "so does one that fails in a way of its own")]
#![expect(clippy::indexing_slicing, reason = "`read` says how much there is")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use portal_testkit::postgres::{Cluster, Proxy};

/// The time limit for expected bytes, long enough for a busy machine; only failures wait for it.
const RECEIVE_LIMIT: Duration = Duration::from_secs(10);

/// The time to wait for bytes that must not arrive.
const MOMENT: Duration = Duration::from_millis(150);

#[test]
fn bytes_pass_both_ways_and_an_end_too() {
    let (echo, _heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    let mut client = connect(&proxy);
    say(&mut client, b"hello");
    assert_eq!(hear(&mut client), Heard::Bytes(b"hello".into()));
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(hear(&mut client), Heard::End);
    wait_for_connections(&proxy, 0);
}

#[test]
fn a_cut_closes_connections_and_refuses_new_ones_until_it_passes_again() {
    let (echo, heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    let mut before = connect(&proxy);
    say(&mut before, b"a");
    assert_eq!(hear(&mut before), Heard::Bytes(b"a".into()));
    proxy.hang();
    let mut during = connect(&proxy);
    say(&mut before, b"held back, then cut");
    say(&mut during, b"held back, then cut");
    wait_for_connections(&proxy, 2);
    proxy.cut();
    assert_eq!(hear(&mut before), Heard::End);
    assert_eq!(hear(&mut during), Heard::End);
    assert_eq!(hear(&mut connect(&proxy)), Heard::End);
    wait_for_connections(&proxy, 0);
    proxy.pass();
    let mut after = connect(&proxy);
    say(&mut after, b"b");
    assert_eq!(hear(&mut after), Heard::Bytes(b"b".into()));
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [b"a", b"b"]);
}

#[test]
fn what_was_held_back_when_it_was_cut_never_arrives() {
    let (echo, heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    for _ in 0..20 {
        proxy.hang();
        let mut client = connect(&proxy);
        say(&mut client, b"held back");
        wait_for_connections(&proxy, 1);
        proxy.cut();
        proxy.pass();
        assert_eq!(hear(&mut client), Heard::End);
        wait_for_connections(&proxy, 0);
    }
    assert!(heard.recv_timeout(MOMENT).is_err());
}

#[test]
fn a_hanging_proxy_moves_nothing_and_forgets_nothing() {
    let (echo, heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    let mut before = connect(&proxy);
    say(&mut before, b"a");
    assert_eq!(hear(&mut before), Heard::Bytes(b"a".into()));
    heard.recv_timeout(RECEIVE_LIMIT).unwrap();
    proxy.hang();
    let mut during = connect(&proxy);
    say(&mut before, b"b");
    say(&mut during, b"c");
    assert_eq!(hear_within(&mut before, MOMENT), Heard::Nothing);
    assert_eq!(hear_within(&mut during, MOMENT), Heard::Nothing);
    assert!(heard.try_recv().is_err());
    proxy.pass();
    assert_eq!(hear(&mut before), Heard::Bytes(b"b".into()));
    assert_eq!(hear(&mut during), Heard::Bytes(b"c".into()));
}

#[test]
fn a_slow_proxy_delays_and_a_new_mode_ends_the_delay() {
    let (echo, _heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    let mut client = connect(&proxy);
    proxy.slow(MOMENT);
    say(&mut client, b"a");
    assert_eq!(hear_within(&mut client, MOMENT), Heard::Nothing);
    assert_eq!(hear(&mut client), Heard::Bytes(b"a".into()));
    proxy.slow(Duration::from_secs(3600));
    say(&mut client, b"b");
    assert_eq!(hear_within(&mut client, MOMENT), Heard::Nothing);
    proxy.pass();
    assert_eq!(hear(&mut client), Heard::Bytes(b"b".into()));
}

#[test]
fn a_lost_answer_was_an_answer_to_something_that_arrived() {
    let (echo, heard) = echo();
    let proxy = Proxy::start(echo).unwrap();
    let (mut silent, mut client) = (connect(&proxy), connect(&proxy));
    say(&mut client, b"a");
    assert_eq!(hear(&mut client), Heard::Bytes(b"a".into()));
    heard.recv_timeout(RECEIVE_LIMIT).unwrap();
    proxy.lose_answers();
    say(&mut client, b"commit");
    assert_eq!(hear(&mut client), Heard::End);
    assert_eq!(heard.recv_timeout(RECEIVE_LIMIT).unwrap(), b"commit");
    // A connection without an answer stays open.
    assert_eq!(hear_within(&mut silent, MOMENT), Heard::Nothing);
    proxy.pass();
    say(&mut silent, b"b");
    assert_eq!(hear(&mut silent), Heard::Bytes(b"b".into()));
}

#[test]
fn no_connection_outlives_the_proxy_in_any_mode() {
    let modes: [fn(&Proxy); 4] = [Proxy::pass, Proxy::hang, Proxy::lose_answers, |proxy| {
        proxy.slow(Duration::from_secs(3600));
    }];
    for mode in modes {
        let (echo, heard) = echo();
        let proxy = Proxy::start(echo).unwrap();
        let mut client = connect(&proxy);
        say(&mut client, b"a");
        assert_eq!(hear(&mut client), Heard::Bytes(b"a".into()));
        heard.recv_timeout(RECEIVE_LIMIT).unwrap();
        mode(&proxy);
        let mut during = connect(&proxy);
        let address = proxy.address();
        drop(proxy);
        assert_eq!(hear(&mut client), Heard::End);
        assert_eq!(hear(&mut during), Heard::End);
        // Another program may have the port by now.
        if let Ok(mut other) = TcpStream::connect(address) {
            other.write_all(b"b").ok();
            assert!(heard.recv_timeout(MOMENT).is_err());
        }
    }
}

#[test]
fn a_server_that_is_not_there_ends_the_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = Proxy::start(nobody).unwrap();
    assert_eq!(hear(&mut connect(&proxy)), Heard::End);
}

#[test]
fn a_database_is_reached_through_the_proxy() {
    let cluster = Cluster::start().unwrap();
    let proxy = Proxy::start(cluster.address()).unwrap();
    let url = cluster.url_through(&proxy, "postgres");
    let psql = |sql| {
        let mut psql = std::process::Command::new("psql");
        psql.args(["-XAtq", "-d", &url, "-c", sql]).output().unwrap()
    };
    assert_eq!(psql("select 1").stdout, b"1\n");
    proxy.cut();
    assert!(!psql("select 1").status.success());
}

#[derive(Debug, PartialEq)]
enum Heard {
    Bytes(Vec<u8>),
    End,
    Nothing,
}

/// Starts a server that sends what it receives to the client and to the test.
fn echo() -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, tell) = (stream.unwrap(), tell.clone());
            thread::spawn(move || {
                let mut piece = [0; 1024];
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    // An error means that the test has ended.
                    drop(tell.send(piece[..count].to_vec()));
                    drop(stream.write_all(&piece[..count]));
                }
            });
        }
    });
    (address, heard)
}

fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).unwrap()
}

fn wait_for_connections(proxy: &Proxy, count: usize) {
    let seen = (0..1000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        proxy.connections() == count
    });
    assert!(seen, "{} instead of {count} connections", proxy.connections());
}

fn say(client: &mut TcpStream, bytes: &[u8]) {
    client.write_all(bytes).unwrap();
}

fn hear(client: &mut TcpStream) -> Heard {
    hear_within(client, RECEIVE_LIMIT)
}

fn hear_within(client: &mut TcpStream, patience: Duration) -> Heard {
    client.set_read_timeout(Some(patience)).unwrap();
    let mut piece = [0; 1024];
    match client.read(&mut piece) {
        Ok(0) => Heard::End,
        Ok(count) => Heard::Bytes(piece[..count].to_vec()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Heard::Nothing
        }
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Heard::End,
        Err(error) => panic!("{error}"),
    }
}
