use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use portal_domain::{Event, Secret, Secrets, Tolerance, UnixSeconds, sign, verify};
use portal_service::doctor::Level;

use super::{DeliveryResult, event, forged, is_ours, outcome, signed};
use crate::sender::Sender;

fn answered(status: u16, ours: bool) -> DeliveryResult {
    DeliveryResult::Answered { status, ours }
}

#[test]
fn only_the_200_of_this_service_is_right_for_a_signed_delivery() {
    for status in 100..600 {
        for ours in [true, false] {
            let trouble = signed(0, answered(status, ours));
            assert_eq!(trouble.is_none(), status == 200 && ours, "{status} {ours}");
        }
    }
}

#[test]
fn only_the_400_of_this_service_is_right_for_a_forged_delivery() {
    for status in 100..600 {
        for ours in [true, false] {
            let right = forged(answered(status, ours)).level == Level::Ok;
            assert_eq!(right, status == 400 && ours, "{status} {ours}");
        }
    }
}

#[test]
fn every_way_to_fail_has_its_own_advice() {
    let outcomes = [
        answered(200, false),
        answered(301, false),
        answered(400, true),
        answered(403, false),
        answered(404, true),
        answered(413, false),
        answered(502, false),
        answered(503, true),
        answered(100, false),
        DeliveryResult::TimedOut,
        DeliveryResult::Tls,
        DeliveryResult::Unreachable,
    ];
    let mut seen: Vec<Box<str>> = Vec::new();
    for outcome in outcomes {
        let trouble = signed(1, outcome).unwrap();
        let advice = trouble.advice.unwrap().en;
        assert_eq!(trouble.level, Level::Wrong, "{outcome:?}");
        assert!(!seen.contains(&advice), "{outcome:?}: {advice}");
        seen.push(advice);
    }
}

#[test]
fn the_finding_names_the_secret_that_the_server_lacks() {
    let trouble = signed(1, answered(400, true)).unwrap();
    let found = trouble.found.en;
    assert!(found.contains("signing secret 2"), "{found}");
}

#[test]
fn answers_of_other_programs_are_distinguished() {
    assert!(is_ours(r#"{"received":true}"#));
    assert!(is_ours(r#"{"error":{"code":"bad_request","message":"no"}}"#));
    for body in ["", "ok", "<html></html>", "{}", r#"{"received":false}"#, "[]", "null"] {
        assert!(!is_ours(body), "{body}");
    }
}

#[test]
fn what_is_delivered_is_an_event_that_is_ignored() {
    let now = UnixSeconds::new(1_795_355_400).unwrap();
    let body = event(now);
    let header = sign(&Secret::new("whsec_a").unwrap(), now, &body);
    let secrets = Secrets::new("whsec_a").unwrap();
    let headers = [header.as_bytes()];
    let verified = verify(headers, body.into(), &secrets, Tolerance::DEFAULT, now).unwrap();
    let event = Event::read(&verified, now).unwrap();
    assert_eq!(event.id.as_str(), "evt_doctor_1795355400");
    assert_eq!(event.state.name(), "ignored");
    assert!(!event.livemode);
}

/// Delivers with this scheme to a port that answers `answer`, and returns the result.
fn delivered(scheme: &str, answer: &'static str) -> DeliveryResult {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let port = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let sender = Sender::new(&format!("{scheme}://{address}/"));
    let secret = Secret::new("whsec_a").unwrap();
    let outcome = outcome(sender.post(&secret, UnixSeconds::default(), b"{}"));
    port.join().unwrap();
    outcome
}

#[test]
fn a_redirect_is_not_followed() {
    let moved = "HTTP/1.1 308 Permanent Redirect\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(delivered("http", moved), answered(308, false));
}

#[test]
fn programs_without_tls_or_http_are_distinguished() {
    assert_eq!(delivered("https", "HTTP/1.1 400 Bad Request\r\n\r\n"), DeliveryResult::Tls);
    assert_eq!(delivered("http", "hello\r\n\r\n"), DeliveryResult::Unreachable);
}

#[test]
fn where_nobody_listens_there_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sender = Sender::new(&format!("http://{address}/"));
    let secret = Secret::new("whsec_a").unwrap();
    let posted = sender.post(&secret, UnixSeconds::default(), b"{}");
    assert_eq!(outcome(posted), DeliveryResult::Unreachable);
}
