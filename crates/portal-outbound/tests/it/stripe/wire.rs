use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use portal_domain::{Read, ReadError};
use portal_outbound::{
    ANSWER_BYTES_MAX, DEADLINE, HttpTransport, NoAnswer, StripeApi, Transport as _, Url,
};

use crate::ports::{self, Silent};
use crate::stripe::scripted::Still;
use crate::stripe::stand_in::{StandIn, answer};
use crate::stripe::{EMPTY, KEY, key, read};

/// Long enough for this machine to answer, and short enough to wait for in a test.
const SHORT: Duration = Duration::from_millis(300);

const DATE: &str = "Date: Sun, 22 Nov 2026 13:50:00 GMT\r\n";

fn api(url: &str) -> StripeApi {
    let transport = Arc::new(HttpTransport::new(DEADLINE));
    StripeApi::new(&key(), &Url::parse(url).unwrap(), transport, Arc::new(Still::default()).host(0))
}

/// Returns the error of a get without headers.
fn no_answer(url: &str) -> Option<NoAnswer> {
    block_on(HttpTransport::new(DEADLINE).get(url, &[], SHORT)).err()
}

#[test]
fn a_question_and_its_answer_pass_over_the_wire() {
    let stand_in = StandIn::answering([answer("200 OK", DATE, EMPTY.as_bytes())]);

    let fetched = read(&api(&stand_in.url), &Read::Endpoints).ok().unwrap();

    assert_eq!((&*fetched.body, fetched.at.get()), (EMPTY.as_bytes(), 1_795_355_400));
    let (_, request) = stand_in.asked();
    assert_eq!(request.target(), ("GET", "/v1/webhook_endpoints?limit=100"));
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("authorization", &*format!("Bearer {KEY}")),
        ("stripe-version", "2026-10-28.endive"),
        ("accept", "application/json"),
        ("user-agent", user_agent),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
}

#[test]
fn pages_come_over_one_connection() {
    let stand_in = StandIn::answering([(); 3].map(|()| answer("200 OK", "", EMPTY.as_bytes())));
    let api = api(&stand_in.url);
    for _ in 0..3 {
        assert_eq!(read(&api, &Read::Endpoints).err(), None);
    }
    assert_eq!([(); 3].map(|()| stand_in.asked().0), [1, 1, 1]);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n{\"object\"".to_vec();
    let stand_in = StandIn::breaking_off([cut, answer("200 OK", "", EMPTY.as_bytes())]);
    assert_eq!(read(&api(&stand_in.url), &Read::Endpoints).err(), None);
    assert_eq!([(); 2].map(|()| stand_in.asked().0), [1, 2]);
}

#[test]
fn a_redirect_is_refused_and_the_key_goes_nowhere_else() {
    let elsewhere = Silent::open();
    let location = format!("Location: {}\r\n", elsewhere.url());
    let stand_in = StandIn::answering([answer("302 Found", &location, b"")]);

    let unread = read(&api(&stand_in.url), &Read::Endpoints).err();

    assert_eq!(unread, Some(ReadError::Refused { status: 302 }));
    elsewhere.is_unvisited();
}

#[test]
fn an_answer_of_the_largest_size_is_read_and_a_larger_one_is_not() {
    for (length, expected) in
        [(ANSWER_BYTES_MAX, None), (ANSWER_BYTES_MAX + 1, Some(ReadError::Unreadable))]
    {
        let stand_in = StandIn::answering([answer("200 OK", "", &vec![b' '; length])]);
        assert_eq!(read(&api(&stand_in.url), &Read::Endpoints).err(), expected, "{length}");
    }
}

#[test]
fn an_answer_after_the_deadline_is_too_late() {
    let answer = answer("200 OK", "", EMPTY.as_bytes());
    // Either nothing comes in time, or the head and only a part of the body.
    for with_timeout in [0, answer.len() - 3] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, rest) = answer.split_at(with_timeout);
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(answer).unwrap();
                thread::sleep(SHORT * 3);
                // The client may have gone away.
                drop(stream.write_all(rest));
            });
            assert_eq!(no_answer(&url), Some(NoAnswer::TimedOut), "{with_timeout}");
        });
    }
}

#[test]
fn a_closed_port_is_unreachable() {
    assert_eq!(no_answer(&ports::closed()), Some(NoAnswer::Unreachable));
}
