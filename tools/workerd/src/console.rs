//! The console is there for operators only, and reads the same database.

use std::path::Path;

use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http::{self, Answer};
use portal_harness::worker::{Local, deliver, start_bare, start_bare_with};
use xtask::chance::Chance;
use xtask::run::Failure;

const TOKEN: &str = "canary-0123456789abcdef0123456789abcdef";

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
    expect(404, "a form", &sign_in(receiver)?)
}

/// With operators only they see a page.
pub(crate) fn for_operators(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let operators = format!("treasurer:read:{TOKEN}");
    let _running = start_bare_with(receiver, &[("OPERATOR_TOKENS", &operators)])?;
    let id = Ids::new(IdShape::Stripe, Chance::fresh_seed()).draw();
    deliver(receiver, &Deliveries::new()?.request(&id))?;
    let ask = |line: &str, headers: &str| http::ask(receiver.address, line, headers, "");
    let first = "GET /ops/";
    expect(401, "nobody", &ask(first, "")?)?;
    expect(421, "another host", &of_host(receiver, "evil.example")?)?;
    expect(403, "a form of another site", &ask("POST /ops/sign-in", "Origin: null\r\n")?)?;
    let signed_in = sign_in(receiver)?;
    expect(303, "a right token", &signed_in)?;
    let cookie = signed_in.header("set-cookie").and_then(|it| it.split(';').next());
    let cookie = format!("Cookie: {}\r\n", cookie.ok_or("no cookie")?);
    let page = ask(first, &cookie)?;
    expect(200, "the cookie", &page)?;
    expect(200, "the token", &ask(first, &format!("Authorization: Bearer {TOKEN}\r\n"))?)?;
    expect(401, "a forged cookie", &ask(first, &cookie.replace("treasurer", "nobody"))?)?;
    let is_read =
        page.body.contains("treasurer") && !page.body.contains("No donation has come yet");
    let is_told = page.body.contains("canary") || receiver.end_of_log().contains("canary");
    if !is_read || is_told {
        return Err("the page is not that of the treasurer".into());
    }
    expect(404, "the path of nobody", &http::get(receiver.address, "/opsx")?)
}

fn sign_in(receiver: &Local) -> Result<Answer, Failure> {
    http::ask(receiver.address, "POST /ops/sign-in", FORM, &format!("token={TOKEN}"))
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
