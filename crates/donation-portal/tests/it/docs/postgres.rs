//! The SQL that the runbooks have for PostgreSQL's administrator.

use std::time::Duration;

use crate::docs::RUNBOOKS;
use crate::docs::markdown::{blocks, read};
use crate::support::channel::{Channel, Mood};
use crate::support::home::{On, PROGRAM, TestHome, finish};
use crate::support::postgres::{PASSWORD, USER};
use crate::support::server::Server;
use crate::support::{Result, event};

/// The role that migrates and the one that only serves, as the runbooks call them.
const OWNER: &str = "role donation_portal ";
const SERVER: &str = "donation_portal_server";

/// The time for which an idle server is watched.
const WINDOW: Duration = Duration::from_secs(15);

on_postgres! {
    a_server_runs_as_a_role_that_only_serves
    an_idle_server_asks_as_seldom_as_the_runbooks_say
}

fn a_server_runs_as_a_role_that_only_serves() -> Result {
    for (name, role) in RUNBOOKS.into_iter().zip(["only_serves", "only_serves_too"]) {
        let home = TestHome::on(On::Postgres)?;
        assert_eq!(home.run(&["migrate"])?.code, Some(0));
        let server = home.server()?;
        server.ask(&format!("create role {role} login password '{PASSWORD}'"))?;
        server
            .ask(&grants(name)?.replace(OWNER, &format!("role {USER} ")).replace(SERVER, role))?;
        let url = home.database_url().replacen(USER, role, 1);
        let run = |args: &[&str]| finish(home.configured(PROGRAM, args).env("DATABASE_URL", &url));

        let mut serve = home.configured(PROGRAM, &["serve", "--no-migrate"]);
        let served = Server::start(serve.env("DATABASE_URL", &url))?;
        served.wait_until_ready()?;
        assert_eq!(served.deliver(event::payment("evt_1"))?.status, 200, "{name}");
        for command in [
            &["events", "list"][..],
            &["events", "retry", "evt_1"],
            &["donations", "totals"],
            &["ledger", "check"],
            &["alerts", "list"],
            &["reports", "list"],
            &["prune"],
        ] {
            let said = run(command)?;
            assert_eq!(said.code, Some(0), "{name}: {command:?}: {}", said.stderr);
        }
        // A later migration makes tables, which need no further grant.
        let later = format!(
            "set role {USER}; create table later (id bigint generated always as identity); \
             set role {role}; insert into later default values; delete from later"
        );
        server.ask(&later)?;
        let denied = server.ask(&format!("set role {role}; create table of_mine (id bigint)"));
        assert!(denied.is_err_and(|it| it.to_string().contains("permission denied")), "{name}");
    }
    Ok(())
}

fn an_idle_server_asks_as_seldom_as_the_runbooks_say() -> Result {
    let (server_itself, each_channel) = (720, 1800);
    for name in RUNBOOKS {
        let text = read(name)?;
        assert!(text.contains("720") && text.contains("1,800"), "{name}");
    }
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::on(On::Postgres)?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    home.server()?.log_statements()?;
    let _serving = Server::start(serve.env("SLACK_WEBHOOK_URL", slack.url()))?;
    // The start has more to ask.
    std::thread::sleep(WINDOW);
    let before = home.server()?.statements().len();
    std::thread::sleep(WINDOW);
    let asked = home.server()?.statements().split_off(before);
    let transactions = asked.iter().filter(|it| it.ends_with("statement: commit")).count();
    let due = usize::try_from((server_itself + each_channel) * WINDOW.as_secs() / 3600)?;
    assert!((due / 2..=due * 2).contains(&transactions), "{transactions}, not {due}: {asked:#?}");
    Ok(())
}

/// Returns the runbook's grants for a role that only serves.
fn grants(name: &str) -> Result<String> {
    let grants = blocks(&read(name)?).into_iter().map(|block| block.join("\n"));
    let mut grants = grants.filter(|it| it.starts_with("grant ") && it.contains(SERVER));
    Ok(grants.next().ok_or("no grants")?)
}
