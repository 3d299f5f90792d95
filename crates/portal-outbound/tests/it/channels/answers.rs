use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use portal_domain::{Action, Alert, NotifyError, SlackError};
use portal_outbound::ChannelAddress;

use crate::channels::stand_in::StandIn;
use crate::channels::{channel, slack, tell};
use crate::notifications::notification;

/// Long enough for this machine to answer, and short enough to wait for in a test.
const SHORT: Duration = Duration::from_millis(300);

fn told(status: &str, header: &str) -> Result<(), NotifyError> {
    let stand_in = StandIn::answering(status, header);
    let told = tell(&slack(stand_in.url()), &notification(Alert::Test, Action::Trigger, 1));
    stand_in.request();
    told
}

#[test]
fn any_success_counts_as_notified() {
    for status in ["200 OK", "202 Accepted", "204 No Content"] {
        assert_eq!(told(status, ""), Ok(()), "{status}");
    }
}

/// Any other text of an answer is dropped.
#[test]
fn the_word_of_slack_for_a_refusal_is_passed_on() {
    let long = "no_service".repeat(1000);
    for (body, word) in [
        ("channel_is_archived", Some(SlackError::ChannelIsArchived)),
        ("no_service\n", Some(SlackError::NoService)),
        ("the secret is xoxb-1", None),
        (&long, None),
    ] {
        let stand_in = StandIn::answering_with("410 Gone", "", body);
        let told = tell(&slack(stand_in.url()), &notification(Alert::Test, Action::Trigger, 1));
        stand_in.request();
        assert_eq!(told, Err(NotifyError::Refused { status: 410, word }));
    }
}

#[test]
fn an_error_is_refused_with_its_status() {
    for (status, code) in [
        ("400 Bad Request", 400),
        ("404 Not Found", 404),
        ("500 Internal Server Error", 500),
        ("503 Service Unavailable", 503),
    ] {
        assert_eq!(told(status, ""), Err(NotifyError::Refused { status: code, word: None }));
    }
}

#[test]
fn a_429_states_the_pause() {
    let too_many = |header| told("429 Too Many Requests", header);
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
    assert_eq!(told("503 Service Unavailable", "Retry-After: 30"), expected);
}

#[test]
fn a_redirect_is_not_followed() {
    for (status, code) in [
        ("301 Moved Permanently", 301),
        ("302 Found", 302),
        ("303 See Other", 303),
        ("307 Temporary Redirect", 307),
        ("308 Permanent Redirect", 308),
    ] {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let location = format!("Location: http://{}/", elsewhere.local_addr().unwrap());

        assert_eq!(told(status, &location), Err(NotifyError::Refused { status: code, word: None }));

        let visit = elsewhere.accept().map(|_| ()).map_err(|it| it.kind());
        assert_eq!(visit, Err(ErrorKind::WouldBlock), "{status}");
    }
}

#[test]
fn no_answer_in_time_is_timed_out() {
    // The kernel accepts; nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let channel = channel(ChannelAddress::slack_list(&url).unwrap(), SHORT);

    let told = tell(&channel, &notification(Alert::Test, Action::Trigger, 1));

    assert_eq!(told, Err(NotifyError::TimedOut));
}

#[test]
fn a_closed_port_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let told = tell(&slack(&url), &notification(Alert::Test, Action::Trigger, 1));

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

    let told = tell(&slack(&url), &notification(Alert::Test, Action::Trigger, 1));

    assert!(plain.join().unwrap() > 0);
    assert_eq!(told, Err(NotifyError::Unreachable));
}
