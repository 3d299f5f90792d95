//! Databases with another encoding than UTF-8, which lacks some characters.

use std::fs;
use std::path::Path;

use portal_contract::{at, block_on};
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;
use portal_postgres::import::Import;

use crate::home::{address, cluster, works};

#[test]
fn no_sql_has_a_character_that_a_database_may_not_have() {
    let mut folders = Vec::new();
    for store in ["portal-postgres", "portal-sqlite"] {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(store);
        folders.extend(["migrations", "src"].map(|it| home.join(it)));
    }
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            for line in fs::read_to_string(&path).unwrap().lines() {
                assert!(line.is_ascii() || is_japanese(line), "{}: {line}", path.display());
            }
        }
    }
    assert!(files > 40, "only {files} files were found");
}

/// True for a line of a text in Japanese, which is an error's and no SQL.
fn is_japanese(line: &str) -> bool {
    line.contains(|it| matches!(it, '\u{3040}'..='\u{30ff}'))
}

#[test]
fn the_encoding_is_named_that_lacks_a_character() {
    let url = in_encoding("LATIN1", "in_latin1_too");
    let refused = Import::open(&address(&url)).unwrap().begin("3 events …");
    let said = "its encoding, LATIN1, lacks a character (SQLSTATE 22P05)";
    assert_eq!(refused.err(), Some(StoreError::Failed(said.into())));
}

#[test]
fn a_database_in_another_encoding_is_as_good() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let url = in_encoding(encoding, &format!("in_{}", encoding.to_lowercase()));
        let store = PostgresStore::open(&address(&url)).unwrap();
        assert!(block_on(store.ping(at(0))).is_ok(), "{encoding}");
        works(&store, "evt_1");
    }
}

/// Makes a database, and returns its URL.
fn in_encoding(encoding: &str, name: &str) -> String {
    let make = format!(
        "create database {name} template template0 encoding '{encoding}' \
             locale_provider libc locale 'C'"
    );
    cluster().psql("postgres", &make).unwrap();
    cluster().url(name)
}
