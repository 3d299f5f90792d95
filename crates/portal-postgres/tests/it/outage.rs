//! A long outage leaks nothing.

use std::process::Command;
use std::{env, fs};

use crate::home::other_program::OtherProgram;
use crate::home::{NEW, TestHome, eventually, record};
use portal_contract::{at, block_on, everything};
use portal_domain::{AlertChange, Alerts as _, Inbox as _, Jobs as _, Reports as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::Cluster;

/// The maximum number of connections: one for each purpose.
const CONNECTIONS_MAX: u32 = 5;

const SESSIONS: &str =
    "select count(*) from pg_stat_activity where application_name = 'donation-portal'";

/// The variable that tells the test that it is alone in its process.
const ALONE: &str = "PORTAL_TEST_ALONE";

/// The test is run in a process of its own, because it counts the threads of the process.
#[test]
fn an_outage_piles_up_neither_threads_nor_connections() {
    if env::var_os(ALONE).is_some() {
        return nothing_piles_up();
    }
    let this = "outage::an_outage_piles_up_neither_threads_nor_connections";
    let mut alone = Command::new(env::current_exe().unwrap());
    let output = alone.args(["--exact", this, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("1 passed"), "{said}");
}

fn nothing_piles_up() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    let store = &home.store;
    assert_eq!(use_all(store), [Ok(()), Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!(record(store, &["evt_1"]), Ok(vec![NEW]));
    let (threads, files) = (entries("task"), entries("fd"));
    home.other_program.wait_for(SESSIONS, &CONNECTIONS_MAX.to_string());

    for _ in 0..3 {
        cluster.kill().unwrap();
        for _ in 0..10 {
            let failed = use_all(store);
            assert!(failed.iter().all(|it| *it == Err(StoreError::Unreachable)), "{failed:?}");
        }
        assert!(entries("task") <= threads, "{} threads after {threads}", entries("task"));
        assert!(entries("fd") <= files, "{} open files after {files}", entries("fd"));
        cluster.start_again().unwrap();
        assert!(eventually(|| use_all(store).iter().all(Result::is_ok)));
    }

    let other = OtherProgram::connect(home.url());
    other.wait_for(SESSIONS, &CONNECTIONS_MAX.to_string());
    assert!(entries("task") <= threads, "{} threads after {threads}", entries("task"));
}

/// Runs a step on each of the store's connections.
fn use_all(store: &PostgresStore) -> [Result<(), StoreError>; 5] {
    let nothing = [AlertChange::Resolve("nothing".into())];
    [
        block_on(store.ping(at(0))).map(drop),
        block_on(store.raise(&nothing, at(0))),
        block_on(store.prune(at(0), 1)).map(drop),
        block_on(store.backlog()).map(drop),
        block_on(store.events(&everything())).map(drop),
    ]
}

/// Returns the number of threads (`task`) or open files (`fd`) of this process.
fn entries(of: &str) -> usize {
    fs::read_dir(format!("/proc/self/{of}")).unwrap().count()
}
