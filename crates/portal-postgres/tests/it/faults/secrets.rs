//! No error contains the password.

use std::fmt::Display;

use portal_domain::StoreError;
use portal_postgres::PostgresStore;
use portal_testkit::postgres::{PASSWORD, USER};

use crate::home::{address, cluster};

#[test]
fn a_wrong_password_is_denied_and_not_repeated() {
    let wrong = "hunter2-and-more";
    let url = cluster().url("postgres").replace(PASSWORD, wrong);
    let denied = PostgresStore::open(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::AccessDenied(_)), "{denied:?}");
    is_kept(wrong, &denied);
    let unknown = cluster().url("postgres").replace(USER, "nobody");
    let denied = PostgresStore::open(&address(&unknown)).err().unwrap();
    assert!(matches!(denied, StoreError::AccessDenied(_)), "{denied:?}");
}

#[test]
fn no_error_has_the_password() {
    let url = |place: &str| format!("postgres://{USER}:{PASSWORD}@{place}");
    let place = cluster().address();
    for url in [
        url("127.0.0.1:1/postgres"),
        url("no-such-host.invalid/postgres"),
        url("%2Fno%2Fsuch%2Ffolder/postgres"),
        url(&format!("{place}/no_such_database")),
        url(&format!("{place}/postgres?sslmode=require")),
        url(&format!("{place}/postgres?options=-c%20nonsense%3D1")),
        url(&format!("{place}/postgres?channel_binding=require")),
        format!("postgres://nobody:{PASSWORD}@{place}/postgres"),
    ] {
        let address = address(&url);
        is_kept(PASSWORD, &address);
        let refused = PostgresStore::open_as_it_is(&address).err().unwrap();
        is_kept(PASSWORD, &refused);
        assert!(!format!("{refused:?}").contains(PASSWORD));
    }
}

fn is_kept(secret: &str, shown: &impl Display) {
    let shown = shown.to_string();
    assert!(!shown.contains(secret), "{shown}");
    assert!(!shown.contains('\n'), "{shown}");
}
