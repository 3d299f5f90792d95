//! The console beside the service: on a listener of its own, and for operators only.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use portal_contract::console::{Desk, OPERATORS, hold_all};
use portal_testkit::http::UrlClient;

use crate::support::Result;
use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{SECRET, payment};
use crate::support::home::{PROGRAM, TestHome};
use crate::support::http::{Answer, Connection, WEBHOOK};
use crate::support::server::Server;

/// The address of the console where none is set.
const DEFAULT: &str = "127.0.0.1:8788";

const TOKEN: &str = "canary-0123456789abcdef0123456789abcdef";

/// The time that a shutdown may take if no operator is slow.
const SOON: Duration = Duration::from_secs(3);

/// A server with its console on a free port.
struct WithConsole {
    server: Server,
    console: SocketAddr,
}

impl WithConsole {
    fn start(home: &TestHome, variables: &[(&str, &str)]) -> Result<Self> {
        let mut serve = home.configured(PROGRAM, &["serve"]);
        serve.env("OPERATOR_ADDR", "127.0.0.1:0").envs(variables.iter().copied());
        let server = Server::start(&mut serve)?;
        let line = server.logged(|line| line["outcome"] == "console_listening")?;
        let console = line["address"].as_str().unwrap().parse()?;
        Ok(Self { server, console })
    }

    fn connect(&self) -> Result<Connection> {
        Connection::open(self.console)
    }

    /// Asks the console, with more `headers`, each ended by CRLF.
    fn ask(&self, line: &str, headers: &str, body: &str) -> Result<Answer> {
        let (host, length) = (self.console, body.len());
        let mut connection = self.connect()?;
        connection.send(format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        ))?;
        Ok(connection.answer()?.ok_or("closed without an answer")?)
    }
}

/// Returns a command that serves with these variables.
fn serve(home: &TestHome, variables: &[(&str, &str)]) -> Command {
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.envs(variables.iter().copied());
    serve
}

#[test]
fn the_console_and_the_webhook_have_listeners_of_their_own() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[])?;
    assert_ne!(it.console.port(), 0);
    assert_eq!(it.ask("GET /ops/", "", "")?.status, 200);
    for path in ["/ops", "/ops/", "/ops/sign-in", "/ops/assets/console.css", "/ops/api/v1/overview"]
    {
        assert_eq!(it.server.get(path)?.status, 404, "{path}");
    }
    for path in [WEBHOOK, "/health", "/health/ready"] {
        assert_eq!(it.ask(&format!("GET {path}"), "", "")?.status, 404, "{path}");
    }
    let delivery = it.ask(&format!("POST {WEBHOOK}"), "Stripe-Signature: t=1,v1=0\r\n", "{}")?;
    assert_eq!(delivery.status, 403);
    it.server.stop().map(drop)
}

#[test]
fn operators_talk_with_it_as_with_that_of_every_host() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[("OPERATOR_TOKENS", OPERATORS)])?;
    let console = UrlClient::new(&format!("http://{}", it.console));
    let webhook = UrlClient::new(&it.server.url(""));
    let desk = Desk::open(Box::new(console), Box::new(webhook), SECRET)?;
    let mut failures = Vec::new();
    let failed = hold_all(&desk, |part, outcome| {
        failures.extend(outcome.as_ref().err().map(|it| format!("{}: {it}", part.name)));
    });
    assert!(failed.is_empty(), "{}", failures.join("\n"));
    it.server.stop().map(drop)
}

#[test]
fn a_page_shows_what_the_service_records() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[])?;
    assert!(it.ask("GET /ops/", "", "")?.body.contains("No donation has come yet."));
    assert_eq!(it.server.deliver(payment("evt_1"))?.status, 200);
    assert!(!it.ask("GET /ops/", "", "")?.body.contains("No donation has come yet."));
    it.server.stop().map(drop)
}

/// The findings are those of the machine as well, which only the server can make.
#[test]
fn doctor_runs_in_the_server_as_the_command_does() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[])?;
    let form = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(it.ask("POST /ops/doctor/run", form, "")?.status, 303);
    let page = it.ask("GET /ops/doctor", "", "")?.body;
    for found in [
        "takes writes",
        "follow from the ledger",
        "free beside the database",
        "STRIPE_SECRET_KEY is not set",
    ] {
        assert!(page.contains(found), "{found}: {page}");
    }
    let settings = it.ask("GET /ops/settings", "", "")?.body;
    assert!(settings.contains("whsec_…") && settings.contains("variable"), "{settings}");
    it.server.stop().map(drop)
}

#[test]
fn the_secret_that_a_delivery_was_signed_with_is_shown_soon() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[])?;
    assert_eq!(it.server.deliver(payment("evt_1"))?.status, 200);
    wait_for("the use of the secret", Duration::from_secs(60), || {
        let page = it.ask("GET /ops/endpoint", "", "")?.body;
        Ok(page.contains("100 % (1 of 1)").then_some(()))
    })?;
    it.server.stop().map(drop)
}

#[test]
fn a_console_that_is_off_listens_nowhere() -> Result {
    let home = TestHome::new()?;
    let server = Server::start(&mut serve(&home, &[("OPERATOR_ADDR", "off")]))?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    let said = String::from_utf8(server.stop()?)?;
    assert!(!said.contains("console"), "{said}");
    Ok(())
}

#[test]
fn where_another_program_has_the_default_address_the_service_runs_without_a_console() -> Result {
    // It fails if another program has it already.
    let _taken = TcpListener::bind(DEFAULT);
    for unset in [None, Some("")] {
        let home = TestHome::new()?;
        let mut command = home.configured(PROGRAM, &["serve"]);
        match unset {
            None => command.env_remove("OPERATOR_ADDR"),
            Some(empty) => command.env("OPERATOR_ADDR", empty),
        };
        let server = Server::start(&mut command)?;
        let line = server.logged(|line| line["reason"] == "operator_addr_in_use")?;
        assert_eq!((&line["level"], &line["address"]), (&"WARN".into(), &DEFAULT.into()));
        assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
        server.stop()?;
    }
    Ok(())
}

#[test]
fn an_open_page_does_not_hold_the_end_up() -> Result {
    let home = TestHome::new()?;
    let mut it = WithConsole::start(&home, &[])?;
    let mut open = it.connect()?;
    open.send(format!("GET /ops/ HTTP/1.1\r\nHost: {}\r\n\r\n", it.console))?;
    assert_eq!(open.answer()?.unwrap().status, 200);
    let mut silent = it.connect()?;
    it.server.signal("TERM")?;
    assert_eq!(it.server.ended_within(SOON)?.code(), Some(0));
    open.closed_within(SOON)?;
    silent.closed_within(SOON)
}

/// An invoice whose payments are compared with each other: their list takes longer than a page may.
const SLOW: &str = "
    insert into invoice (id, progress, amount, paid, currency, livemode, at, version)
        values ('in_slow', 'paid', 500, 500, 'jpy', 1, 1, 1);
    insert into payment (id, progress, amount, currency, livemode, at, version, link, invoice)
        with recursive n(n) as (select 1 union all select n + 1 from n where n < 20000)
        select 'pi_slow_' || n, 'paid', 500, 'jpy', 1, 1, 1, 70, 'in_slow' from n;
    insert into link (payment, invoice, evidence, share)
        select id, 'in_slow', 70, 0 from payment;";

#[test]
fn slow_pages_end_in_time_and_hold_up_nothing_else() -> Result {
    let home = TestHome::new()?;
    let it = WithConsole::start(&home, &[])?;
    rusqlite::Connection::open(home.database())?.execute_batch(SLOW)?;
    let soon = |what: &str, status, line: &str| -> Result<Answer> {
        let watch = Stopwatch::start();
        let answer = it.ask(line, "", "")?;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        assert!(watch.elapsed() < Duration::from_secs(1), "{what}: {:?}", watch.elapsed());
        Ok(answer)
    };
    std::thread::scope(|scope| {
        let slow = || {
            let answer = it.ask("GET /ops/donations", "", "").map_err(|error| error.to_string())?;
            assert!(answer.body.contains("A page may read for two seconds."), "{}", answer.body);
            Ok::<_, String>(answer.status)
        };
        let pages: Vec<_> = (0..4).map(|_| scope.spawn(slow)).collect();
        std::thread::sleep(Duration::from_millis(500));
        let busy = soon("a fifth page", 503, "GET /ops/events")?;
        assert_eq!(busy.header("retry-after"), Some("5"));
        assert!(busy.body.contains("The console is busy"), "{}", busy.body);
        let busy = soon("the API", 503, "GET /ops/api/v1/reports")?;
        assert!(busy.body.contains("\"code\":\"busy\""), "{}", busy.body);
        soon("signing in", 200, "GET /ops/sign-in")?;
        assert_eq!(it.server.deliver(payment("evt_1"))?.status, 200);
        for page in pages {
            assert_eq!(page.join().unwrap()?, 503);
        }
        Result::Ok(())
    })?;
    soon("a page afterwards", 200, "GET /ops/events")?;
    it.server.stop().map(drop)
}

#[test]
fn a_form_that_does_not_come_holds_the_end_up_for_seconds_only() -> Result {
    let home = TestHome::new()?;
    let mut it = WithConsole::start(&home, &[])?;
    let mut stuck = it.connect()?;
    stuck.send(format!(
        "POST /ops/sign-in HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\ntoken=",
        it.console
    ))?;
    std::thread::sleep(Duration::from_millis(200));
    let watch = Stopwatch::start();
    it.server.signal("TERM")?;
    // Docker kills after ten seconds.
    assert_eq!(it.server.ended_within(Duration::from_secs(9))?.code(), Some(0));
    assert!(watch.elapsed() < Duration::from_secs(9));
    Ok(())
}

#[test]
fn a_token_is_in_no_line_of_the_log_and_in_no_answer() -> Result {
    let home = TestHome::new()?;
    let operators = format!("ops:act:{TOKEN}");
    let variables = [("OPERATOR_TOKENS", &*operators), ("RUST_LOG", "debug")];
    let it = WithConsole::start(&home, &variables)?;
    let form = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let mut answers = vec![
        it.ask("GET /ops/", "", "")?,
        it.ask("GET /ops/", &bearer, "")?,
        it.ask("GET /ops/nothing", &bearer, "")?,
        it.ask("POST /ops/sign-in", form, &format!("token={TOKEN}"))?,
        it.ask("POST /ops/sign-in", form, &format!("token={TOKEN}-wrong"))?,
        it.ask(&format!("GET /ops/?token={TOKEN}"), &bearer, "")?,
    ];
    let statuses: Vec<_> = answers.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [401, 200, 404, 303, 401, 200]);
    // The last one repeats its own address, in the link to the other language.
    answers.pop();
    for answer in answers {
        assert!(!format!("{answer:?}").contains("canary"), "{answer:?}");
    }
    let said = String::from_utf8(it.server.stop()?)?;
    assert!(!said.contains("canary"), "{said}");
    Ok(())
}
