//! Certificates, tested with `psql`.

use std::path::Path;
use std::process::{Command, Output};

use portal_testkit::postgres::{Cluster, PASSWORD, USER};

#[test]
fn only_the_authority_that_signed_is_trusted() {
    let cluster = Cluster::start_with_tls(&[]).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        let output = verified(&cluster, host, &cluster.ca_file().unwrap());
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "t", "{output:?}");
    }
    let output = verified(&cluster, "localhost", &cluster.other_ca_file().unwrap());
    assert!(String::from_utf8_lossy(&output.stderr).contains("certificate verify failed"));
    // Connections without TLS work as well.
    assert_eq!(cluster.psql("postgres", "select 1").unwrap(), "1");
}

fn verified(cluster: &Cluster, host: &str, authority: &Path) -> Output {
    let (port, authority) = (cluster.port(), authority.display());
    let url = format!(
        "postgres://{USER}:{PASSWORD}@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={authority}"
    );
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    Command::new("psql").args(["-XAtq", "-d", &url, "-c", sql]).output().unwrap()
}
