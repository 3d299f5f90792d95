use std::time::Duration;

use portal_domain::{Read, ReadError, UnixSeconds};
use portal_outbound::{NoAnswer, Response};

use crate::stripe::scripted::{HOST_TIME, Scene, answer};
use crate::stripe::{EMPTY, read};

const NOT_ALLOWED: &str =
    include_str!("../../../../../samples/events/api/error.403.missing_permission.json");
const TOO_MANY: &str = include_str!("../../../../../samples/events/api/error.429.rate_limit.json");

fn ok() -> Result<Response, NoAnswer> {
    answer(200, None, EMPTY)
}

/// Returns the result of a read, and the number of attempts.
fn outcome(
    answers: impl IntoIterator<Item = Result<Response, NoAnswer>>,
) -> (Option<ReadError>, usize) {
    let scene = Scene::new(answers);
    let unread = read(&scene.api, &Read::Endpoints).err();
    (unread, scene.transport.asked().len())
}

#[test]
fn a_read_that_stripe_refuses_for_the_moment_is_retried() {
    for status in [409, 429, 500, 502, 503, 599] {
        assert_eq!(outcome([answer(status, None, TOO_MANY), ok()]), (None, 2), "{status}");
    }
    for no_answer in [NoAnswer::TimedOut, NoAnswer::Unreachable] {
        assert_eq!(outcome([Err(no_answer), ok()]), (None, 2), "{no_answer:?}");
    }
}

#[test]
fn the_third_try_is_the_last() {
    let thrice = |status| outcome((0..4).map(|_| answer(status, None, TOO_MANY)));
    assert_eq!(thrice(429), (Some(ReadError::TooMany), 3));
    assert_eq!(thrice(409), (Some(ReadError::Failing { status: 409 }), 3));
    assert_eq!(thrice(500), (Some(ReadError::Failing { status: 500 }), 3));
    let thrice = |no_answer| outcome((0..4).map(|_| Err(no_answer)));
    assert_eq!(thrice(NoAnswer::TimedOut), (Some(ReadError::TimedOut), 3));
    assert_eq!(thrice(NoAnswer::Unreachable), (Some(ReadError::Unreachable), 3));
}

#[test]
fn a_final_refusal_is_not_retried() {
    for (status, expected) in [
        (400, ReadError::Refused { status: 400 }),
        (401, ReadError::WrongKey),
        (403, ReadError::NotAllowed),
        (404, ReadError::NotFound),
        (302, ReadError::Refused { status: 302 }),
        (204, ReadError::Refused { status: 204 }),
    ] {
        let answers = [answer(status, None, NOT_ALLOWED), ok()];
        assert_eq!(outcome(answers), (Some(expected), 1), "{status}");
    }
}

#[test]
fn the_retry_header_of_stripe_outranks_the_status() {
    for (status, expected) in [
        (409, ReadError::Failing { status: 409 }),
        (429, ReadError::TooMany),
        (500, ReadError::Failing { status: 500 }),
    ] {
        let answers = [answer(status, Some("false"), TOO_MANY), ok()];
        assert_eq!(outcome(answers), (Some(expected), 1), "{status}");
    }
    assert_eq!(outcome([answer(400, Some("true"), TOO_MANY), ok()]), (None, 2));
    assert_eq!(outcome([answer(200, Some("true"), EMPTY)]), (None, 1));
}

#[test]
fn the_pause_is_any_up_to_a_bound_that_doubles() {
    let pauses = |random| {
        let failing = || answer(500, None, TOO_MANY);
        let scene = Scene::with_chance([failing(), failing(), failing()], random);
        assert!(read(&scene.api, &Read::Endpoints).is_err());
        scene.pace.pauses()
    };
    let milliseconds = |all: [u64; 2]| all.map(Duration::from_millis).to_vec();
    assert_eq!(pauses(0), milliseconds([0, 0]));
    assert_eq!(pauses(500), milliseconds([500, 500]));
    assert_eq!(pauses(501 * 1001 - 1), milliseconds([500, 1000]));
    let longest = (0..5000).flat_map(pauses).max();
    assert_eq!(longest, Some(Duration::from_secs(1)));
}

#[test]
fn the_date_of_an_answer_is_its_time() {
    let at = |date: Option<&str>| {
        let header = |name: &str| date.filter(|_| name == "Date").map(str::to_owned);
        let scene = Scene::new([Ok(Response::new(200, header, Some(EMPTY.into())))]);
        read(&scene.api, &Read::Endpoints).ok().map(|it| it.at)
    };
    let seconds = UnixSeconds::new;
    assert_eq!(at(Some("Sun, 22 Nov 2026 13:50:00 GMT")), seconds(1_795_355_400));
    assert_eq!(at(Some("soon")), seconds(HOST_TIME));
    assert_eq!(at(None), seconds(HOST_TIME));
}

#[test]
fn a_body_that_was_too_long_to_read_is_unreadable() {
    let answers = [Ok(Response::new(200, |_| None, None)), ok()];
    assert_eq!(outcome(answers), (Some(ReadError::Unreadable), 1));
}
