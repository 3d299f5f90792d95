//! The console is there for operators only, and reads the same database.

use std::path::Path;

use portal_contract::console::{Desk, OPERATORS, hold_all};
use portal_harness::delivery::SECRET;
use portal_harness::http::{self, Answer};
use portal_harness::worker::{Local, start_bare, start_bare_with};
use portal_testkit::http::UrlClient;
use xtask::run::Failure;

/// The paths that a console has.
const PATHS: [&str; 5] =
    ["/ops", "/ops/", "/ops/sign-in", "/ops/assets/console.css", "/ops/api/v1/overview"];

/// The headers of a form that a browser sends from a page of the console.
const FORM: &str =
    "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";

/// Without operators the Worker answers there as it does anywhere else.
pub(crate) fn without_operators(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let _running = start_bare(receiver)?;
    for path in PATHS {
        expect(404, path, &http::get(receiver.address, path)?)?;
    }
    let form = http::ask(receiver.address, "POST /ops/sign-in", FORM, "token=somebody");
    expect(404, "a form", &form?)
}

/// With operators it talks with them as the console of every host does.
pub(crate) fn for_operators(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let _running = start_bare_with(receiver, &[("OPERATOR_TOKENS", OPERATORS)])?;
    let client = || Box::new(UrlClient::new(&format!("http://{}", receiver.address)));
    let desk = Desk::open(client(), client(), SECRET)?;
    let failed = hold_all(&desk, |part, outcome| match outcome {
        Ok(()) => println!("{}", part.name),
        Err(failure) => println!("{}: {failure}", part.name),
    });
    if !failed.is_empty() {
        return Err(failed.join(", ").into());
    }
    expect(421, "another host", &of_host(receiver, "evil.example")?)?;
    if receiver.end_of_log().contains("0123456789abcdef") {
        return Err("a token is in the log".into());
    }
    expect(404, "the path of nobody", &http::get(receiver.address, "/opsx")?)
}

fn of_host(receiver: &Local, host: &str) -> Result<Answer, Failure> {
    let request = format!("GET /ops/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    http::exchange(receiver.address, request.as_bytes())
}

fn expect(status: u16, asked: &str, answer: &Answer) -> Result<(), Failure> {
    println!("{} {asked}", answer.status);
    if answer.status == status {
        return Ok(());
    }
    Err(format!("{asked}: {} instead of {status}: {}", answer.status, answer.body).into())
}
