//! The servers that a store accepts, and the encryption of connections, by `sslmode`.

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::home::other_program::OtherProgram;
use crate::home::{address, cluster, record};
use portal_domain::StoreError;
use portal_postgres::{AddressError, DatabaseAddress, PostgresStore};
use portal_testkit::postgres::{Cluster, PASSWORD, USER};

/// Reads the encryption of the store's sessions in this database.
const ENCRYPTED: &str = "select string_agg(distinct ssl::text, ',') from pg_stat_ssl \
    join pg_stat_activity using (pid) \
    where application_name = 'donation-portal' and datname = current_database()";

#[test]
fn without_certificates_to_check_it_is_encrypted_unless_that_was_declined() {
    for (mode, encrypted) in [
        ("", "true"),
        ("prefer", "true"),
        ("allow", "true"),
        ("require", "true"),
        ("disable", "false"),
    ] {
        assert_eq!(reached("127.0.0.1", mode, None), Ok(encrypted.into()), "{mode}");
    }
}

#[test]
fn the_authority_that_signed_is_trusted() {
    for mode in ["require", "verify-ca", "verify-full"] {
        for host in ["localhost", "127.0.0.1"] {
            let reached = reached(host, mode, Some(secure().ca_file().unwrap()));
            assert_eq!(reached, Ok("true".into()), "{mode} {host}");
        }
    }
}

#[test]
fn an_authority_that_did_not_sign_is_not_trusted() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let refused = reached("localhost", mode, Some(secure().other_ca_file().unwrap()));
        is_a_failure_that_says("UnknownIssuer", &refused, mode);
    }
    // Mozilla's list does not have the authority either.
    for mode in ["verify-ca", "verify-full"] {
        let refused = reached("localhost", mode, None);
        is_a_failure_that_says("UnknownIssuer", &refused, mode);
        is_a_failure_that_says("sslrootcert in DATABASE_URL", &refused, mode);
    }
}

#[test]
fn a_certificate_for_another_host_is_enough_where_only_its_authority_counts() {
    let ca = || Some(secure().ca_file().unwrap());
    for mode in ["require", "verify-ca"] {
        assert_eq!(reached(ANOTHER_HOST, mode, ca()), Ok("true".into()), "{mode}");
    }
    let refused = reached(ANOTHER_HOST, "verify-full", ca());
    is_a_failure_that_says("not valid for name", &refused, "verify-full");
    // With a wrong authority the connection fails, whatever the name.
    let other = || Some(secure().other_ca_file().unwrap());
    for mode in ["verify-ca", "verify-full"] {
        is_a_failure_that_says("UnknownIssuer", &reached(ANOTHER_HOST, mode, other()), mode);
    }
}

#[test]
fn a_server_without_encryption_is_used_only_where_that_was_allowed() {
    let database = cluster().new_database().unwrap();
    let with = |mode: &str| {
        let url = cluster().url(&database);
        PostgresStore::open(&address(&url.replace("sslmode=disable", &format!("sslmode={mode}"))))
    };
    for mode in ["disable", "allow", "prefer"] {
        assert!(with(mode).is_ok(), "{mode}");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        is_a_failure_that_says(
            "server does not support TLS",
            &with(mode).map(|_| String::new()),
            mode,
        );
    }
}

#[test]
fn a_file_without_certificates_is_refused_before_anything_is_sent() {
    let key = secure().folder().join("no-certificate");
    std::fs::write(&key, "hunter2").unwrap();
    let url = url("localhost", "verify-full", Some(key.clone()));
    assert_eq!(
        DatabaseAddress::parse(&url).err(),
        Some(AddressError::UnreadableRootCertificate(key))
    );
}

/// A host name that the certificate does not have.
const ANOTHER_HOST: &str = "db.example.org";

/// Returns the server with certificates.
fn secure() -> &'static Cluster {
    static SECURE: OnceLock<Cluster> = OnceLock::new();
    SECURE.get_or_init(|| Cluster::start_with_tls(&[]).unwrap())
}

fn database() -> &'static str {
    static DATABASE: OnceLock<String> = OnceLock::new();
    DATABASE.get_or_init(|| secure().new_database().unwrap())
}

fn url(host: &str, mode: &str, authority: Option<PathBuf>) -> String {
    let port = secure().port();
    let mode = if mode.is_empty() { String::new() } else { format!("&sslmode={mode}") };
    let authority = authority.map_or(String::new(), |it| format!("&sslrootcert={}", it.display()));
    let database = database();
    // Every host name leads to the same server.
    let place = format!("{host}:{port}/{database}?hostaddr=127.0.0.1");
    format!("postgres://{USER}:{PASSWORD}@{place}{mode}{authority}")
}

/// Connects and returns the encryption of the session, or the error.
fn reached(host: &str, mode: &str, authority: Option<PathBuf>) -> Result<String, StoreError> {
    // The lock serializes the tests, because the query is about all sessions.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let other = OtherProgram::connect(&secure().url(database()));
    other.wait_for(
        "select count(*) from pg_stat_activity where application_name = 'donation-portal'",
        "0",
    );
    let store = PostgresStore::open(&address(&url(host, mode, authority)))?;
    assert!(record(&store, &["evt_1"]).is_ok());
    Ok(other.ask(ENCRYPTED))
}

fn is_a_failure_that_says(what: &str, refused: &Result<String, StoreError>, of: &str) {
    let said = refused.as_ref().map_or_else(ToString::to_string, Clone::clone);
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{of}: {said}");
    assert!(said.contains(what) && !said.contains('\n'), "{of}: {said}");
}
