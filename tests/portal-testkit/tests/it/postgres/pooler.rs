//! The pooler, tested with `psql`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::postgres::cluster;
use portal_testkit::postgres::{Manner, Pooler};

const SESSION: &str = "select pg_backend_pid();";

#[test]
fn each_transaction_has_the_session_that_nobody_used_for_longest() {
    let pooler = pooler(2, Manner::ByTransaction);
    let mut client = Client::connect(&pooler);
    let seen: Vec<_> = (0..4).map(|_| client.ask(SESSION)).collect();
    assert_ne!(seen[0], seen[1]);
    assert_eq!(seen[..2], seen[2..]);
    let mut seen = ["begin; select pg_backend_pid();", SESSION, SESSION].map(|it| client.ask(it));
    seen.sort_unstable();
    assert_eq!(seen[0], seen[2], "one transaction has one session");
    client.ask("commit; select 1;");
    assert_ne!(client.ask(SESSION), client.ask(SESSION));
}

#[test]
fn whoever_comes_while_all_sessions_are_lent_waits() {
    let pooler = pooler(1, Manner::ByTransaction);
    let (mut one, mut other) = (Client::connect(&pooler), Client::connect(&pooler));
    one.ask("begin; select 1;");
    other.say("select 'after';");
    assert_eq!(one.ask("select 'before';"), "before");
    one.say("commit;");
    assert_eq!(other.hear(), "after");
}

#[test]
fn what_one_leaves_behind_in_a_session_the_next_one_finds() {
    let pooler = pooler(1, Manner::ByTransaction);
    let (mut one, mut other) = (Client::connect(&pooler), Client::connect(&pooler));
    assert_eq!(other.ask("show synchronous_commit;"), "on");
    one.ask("set synchronous_commit = off; begin; set local work_mem = '7MB'; commit; select 1;");
    assert_eq!(other.ask("show synchronous_commit;"), "off");
    assert_ne!(other.ask("show work_mem;"), "7MB");
}

#[test]
fn a_session_that_ends_takes_its_client_along_and_is_made_anew() {
    let pooler = pooler(1, Manner::ByTransaction);
    let (mut one, mut other) = (Client::connect(&pooler), Client::connect(&pooler));
    let session = one.ask("begin; select pg_backend_pid();");
    cluster().psql("postgres", &format!("select pg_terminate_backend({session}, 5000)")).unwrap();
    assert_ne!(other.ask(SESSION), session);
    one.say("select 'hello';");
    assert_eq!(one.hear(), "");
}

#[test]
fn a_client_that_ends_in_a_transaction_takes_its_session_along() {
    let pooler = pooler(1, Manner::ByTransaction);
    let mut one = Client::connect(&pooler);
    let session = one.ask("begin; create table left_open (it int); select pg_backend_pid();");
    drop(one);
    let mut other = Client::connect(&pooler);
    assert_ne!(other.ask(SESSION), session);
    assert_eq!(other.ask("select to_regclass('left_open') is null;"), "t");
}

#[test]
fn by_statement_a_transaction_is_refused() {
    let pooler = pooler(1, Manner::ByStatement);
    let mut client = Client::connect(&pooler);
    assert_eq!(client.ask("select 1;"), "1");
    client.say("begin; select 1;");
    assert_eq!(client.hear(), "");
}

#[test]
fn a_commit_can_be_made_to_be_sooner() {
    let pooler = pooler(1, Manner::CommittingSooner);
    let mut client = Client::connect(&pooler);
    let asked = "begin; set local synchronous_commit = on; show synchronous_commit;";
    assert_eq!(client.ask(asked), "off");
}

#[test]
fn no_client_outlives_the_pooler() {
    let pooler = pooler(2, Manner::ByTransaction);
    let (mut one, mut other) = (Client::connect(&pooler), Client::connect(&pooler));
    one.ask("begin; select 1;");
    other.ask("select 1;");
    drop(pooler);
    for client in [&mut one, &mut other] {
        client.say("select 1;");
        assert_eq!(client.hear(), "");
    }
}

fn pooler(sessions: usize, manner: Manner) -> Pooler {
    let database = cluster().new_database().unwrap();
    Pooler::start(cluster(), &database, sessions, manner).unwrap()
}

/// A `psql` process that sends each statement alone; killed on drop.
struct Client {
    psql: Child,
    answers: BufReader<ChildStdout>,
}

impl Client {
    fn connect(pooler: &Pooler) -> Self {
        let mut psql = Command::new("psql")
            .args(["-XAtq", "-d", &pooler.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(psql.stdout.take().unwrap());
        Self { psql, answers }
    }

    fn say(&mut self, sql: &str) {
        // An error means that the process has ended.
        drop(writeln!(self.psql.stdin.as_mut().unwrap(), "{sql}"));
    }

    /// Returns the next line, or an empty text if the process has ended.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().into()
    }

    fn ask(&mut self, sql: &str) -> String {
        self.say(sql);
        self.hear()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.psql.kill().unwrap();
        self.psql.wait().unwrap();
    }
}
