//! Nothing is left behind, however the process that started a server ends.

#![expect(clippy::expect_used, reason = "an owner that says nothing fails the test")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use portal_testkit::clock::eventually;
use portal_testkit::postgres::Cluster;

/// The variable that makes [`the_owner`] start a server, and says how to end.
const ROLE: &str = "PORTAL_TEST_POSTGRES_OWNER";

#[test]
fn a_killed_owner_leaves_nothing() {
    let (mut owner, remains) = owner("wait");
    assert!(remains.exist());
    owner.kill().unwrap();
    owner.wait().unwrap();
    remains.go();
}

#[test]
fn an_owner_that_exits_without_destructors_leaves_nothing() {
    let (mut owner, remains) = owner("exit");
    owner.wait().unwrap();
    remains.go();
}

#[test]
fn an_owner_that_is_killed_while_the_server_is_paused_leaves_nothing() {
    let (mut owner, remains) = owner("pause");
    owner.kill().unwrap();
    owner.wait().unwrap();
    remains.go();
}

#[test]
fn a_cluster_that_was_killed_and_dropped_leaves_nothing() {
    let cluster = Cluster::start().unwrap();
    let remains = Remains { folder: cluster.folder().display().to_string(), port: cluster.port() };
    cluster.kill().unwrap();
    drop(cluster);
    assert!(!remains.exist());
}

/// Starts a server for the other tests, which run this in a process and kill it.
#[test]
fn the_owner() {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    let Some(role) = std::env::var_os(ROLE) else { return };
    let cluster = CLUSTER.get_or_init(|| Cluster::start().unwrap());
    if role == "pause" {
        cluster.pause().unwrap();
    }
    println!("\nserver {} {}", cluster.port(), cluster.folder().display());
    if role != "exit" {
        thread::sleep(Duration::from_secs(60));
    }
    std::process::exit(0);
}

fn owner(role: &str) -> (Child, Remains) {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::guard::the_owner", "--nocapture"])
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let remains = Remains::read(owner.stdout.take().unwrap());
    (owner, remains)
}

struct Remains {
    folder: String,
    port: u16,
}

impl Remains {
    fn read(output: ChildStdout) -> Self {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut servers = lines.filter_map(|line| {
            let (port, folder) = line.strip_prefix("server ")?.split_once(' ')?;
            Some(Self { folder: folder.into(), port: port.parse().unwrap() })
        });
        servers.next().expect("the owner has printed where its server is")
    }

    fn exist(&self) -> bool {
        Path::new(&self.folder).exists() || TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    fn go(&self) {
        assert!(eventually(|| !self.exist()), "{} or its server is still there", self.folder);
    }
}
