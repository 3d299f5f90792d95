use std::net::TcpListener;
use std::time::Duration;

use portal_domain::{Action, Alert, NotifyError, UnixSeconds};
use portal_outbound::ChannelAddress;

use portal_testkit::channel::{self as stand_in, Mood};

use crate::channels::{channel, slack, tell};
use crate::notifications::notification;
use crate::ports::{self, Silent};

/// Long enough for this machine to answer, and short enough to wait for in a test.
const SHORT: Duration = Duration::from_millis(300);

/// Returns the result of a test alert where the channel answers this.
fn told(status: u16, header: &'static str) -> Result<(), NotifyError> {
    let stand_in = stand_in::Channel::open(Mood::Answers(status, header)).unwrap();
    tell(
        &slack(&stand_in.base()),
        &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1),
    )
}

#[test]
fn any_success_counts_as_notified() {
    for status in [200, 202, 204] {
        assert_eq!(told(status, ""), Ok(()), "{status}");
    }
}

#[test]
fn an_error_is_refused_with_its_status() {
    for status in [400, 404, 500, 503] {
        assert_eq!(told(status, ""), Err(NotifyError::Refused { status, word: None }));
    }
}

#[test]
fn a_429_states_the_pause() {
    let too_many = |header| told(429, header);
    for (header, retry_after) in [
        ("Retry-After: 7", Some(7)),
        ("Retry-After: 1.2", Some(2)),
        ("Retry-After: Sun, 22 Nov 2026 13:50:00 GMT", None),
        ("", None),
    ] {
        assert_eq!(too_many(header), Err(NotifyError::TooMany { retry_after }), "{header}");
    }
}

#[test]
fn a_503_may_state_the_pause() {
    let expected = Err(NotifyError::TooMany { retry_after: Some(30) });
    assert_eq!(told(503, "Retry-After: 30"), expected);
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Silent::open();
        let location = format!("Location: {}", elsewhere.url());
        assert_eq!(told(status, location.leak()), Err(NotifyError::Refused { status, word: None }));
        elsewhere.is_unvisited();
    }
}

#[test]
fn no_answer_in_time_is_timed_out() {
    let silent = Silent::open();
    let channel = channel(ChannelAddress::slack_list(&silent.url()).unwrap(), SHORT);

    let told =
        tell(&channel, &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1));

    assert_eq!(told, Err(NotifyError::TimedOut));
}

#[test]
fn a_closed_port_is_unreachable() {
    let told = tell(
        &slack(&ports::closed()),
        &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1),
    );

    assert_eq!(told, Err(NotifyError::Unreachable));
}

#[test]
fn a_host_that_does_not_speak_tls_is_unreachable() {
    let stand_in = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", stand_in.local_addr().unwrap());
    let plain = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = stand_in.accept().unwrap();
        let read = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        read
    });

    let told =
        tell(&slack(&url), &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1));

    assert!(plain.join().unwrap() > 0);
    assert_eq!(told, Err(NotifyError::Unreachable));
}
