//! A server starts, suffers faults, and recovers.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::thread;

use crate::postgres::cluster;
use portal_testkit::postgres::{Cluster, Durability, PASSWORD};

#[test]
fn a_server_answers() {
    let cluster = cluster();
    assert_eq!(cluster.psql("postgres", "select 1; select 2, 'x'").unwrap(), "1\n2|x");
    assert!(cluster.log().contains("ready to accept connections"));
}

#[test]
fn text_is_not_ordered_by_its_bytes() {
    assert_eq!(
        cluster().psql("postgres", "select 'a' < 'B', 'a' < 'B' collate \"C\"").unwrap(),
        "t|f"
    );
}

#[test]
fn a_wrong_password_is_refused() {
    let url = cluster().url("postgres").replace(PASSWORD, "wrong");
    let output = Command::new("psql").args(["-d", &url, "-c", "select 1"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("password authentication failed"));
}

#[test]
fn sql_that_fails_says_why() {
    let failure = cluster().psql("postgres", "select * from nothing").unwrap_err();
    assert!(failure.to_string().contains("\"nothing\" does not exist"), "{failure}");
}

#[test]
fn databases_have_different_names() {
    let (one, two) = (cluster().new_database().unwrap(), cluster().new_database().unwrap());
    assert_ne!(one, two);
    assert_eq!(cluster().psql(&two, "select current_database()").unwrap(), two);
}

#[test]
fn a_setting_and_a_folder_can_be_chosen() {
    let parent = tempfile::tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(&parent, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let settings = [("work_mem", "7MB"), ("application_name", "it's")];
    let own = Cluster::start_in(parent.path(), Durability::Real, &settings).unwrap();
    let shown = own.psql("postgres", "show work_mem; show fsync").unwrap();
    assert_eq!(shown, "7MB\non");
    assert_ne!(own.port(), cluster().port());
    drop(own);
    assert_eq!(parent.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_setting_that_does_not_exist_is_an_error_with_the_log() {
    let failure = Cluster::start_with(&[("nonsense", "1")]).err().unwrap();
    assert!(failure.to_string().contains("unrecognized configuration parameter"), "{failure}");
}

#[test]
fn a_folder_that_the_server_cannot_enter_is_an_error() {
    let parent = tempfile::tempdir().unwrap();
    match Cluster::start_in(parent.path(), Durability::Fast, &[]) {
        // Without root the server runs as this user.
        Ok(cluster) => drop(cluster),
        Err(failure) => assert!(failure.to_string().contains("may it enter"), "{failure}"),
    }
    assert_eq!(parent.path().read_dir().unwrap().count(), 0);
}

#[test]
fn faults_lose_nothing_that_was_committed() {
    let cluster = hurt();
    cluster.psql("postgres", "create table kept (fault text)").unwrap();
    let faults: [Fault; 3] = [
        ("stop", |cluster| cluster.stop().unwrap()),
        ("kill", |cluster| cluster.kill().unwrap()),
        ("kill while paused", |cluster| {
            cluster.pause().unwrap();
            cluster.kill().unwrap();
        }),
    ];
    for (name, fault) in faults {
        cluster.psql("postgres", &format!("insert into kept values ('{name}')")).unwrap();
        fault(&cluster);
        assert!(cluster.psql("postgres", "select 1").is_err());
        let port = cluster.port();
        cluster.start_again().unwrap();
        assert_eq!(cluster.port(), port);
    }
    let kept = cluster.psql("postgres", "select fault from kept").unwrap();
    assert_eq!(kept, "stop\nkill\nkill while paused");
}

#[test]
fn a_paused_server_answers_when_it_is_resumed() {
    let cluster = hurt();
    cluster.pause().unwrap();
    thread::scope(|scope| {
        let answer = scope.spawn(|| cluster.psql("postgres", "select 1"));
        thread::sleep(std::time::Duration::from_millis(200));
        assert!(!answer.is_finished());
        cluster.resume().unwrap();
        assert_eq!(answer.join().unwrap().unwrap(), "1");
    });
}

#[test]
fn faults_may_come_twice() {
    let cluster = hurt();
    cluster.stop().unwrap();
    cluster.stop().unwrap();
    cluster.kill().unwrap();
    assert!(cluster.pause().is_err());
    cluster.start_again().unwrap();
    cluster.start_again().unwrap();
    assert_eq!(cluster.psql("postgres", "select 1").unwrap(), "1");
}

/// The name of a fault and its function.
type Fault = (&'static str, fn(&Cluster));

/// Returns the server of the tests that do not harm it.
/// Returns the server of the tests that harm it, one after the other.
fn hurt() -> MutexGuard<'static, Cluster> {
    static HURT: OnceLock<Mutex<Cluster>> = OnceLock::new();
    HURT.get_or_init(|| Mutex::new(Cluster::start().unwrap())).lock().unwrap()
}
