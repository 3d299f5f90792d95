//! Databases with another encoding than UTF-8, which lacks some characters.

use std::fs;

use portal_contract::{at, block_on};
use portal_domain::Inbox as _;
use portal_postgres::PostgresStore;

use crate::home::{address, cluster, works};

#[test]
fn no_migration_has_a_character_that_a_database_may_not_have() {
    for store in ["portal-postgres", "portal-sqlite"] {
        let folder = format!("{}/../{store}/migrations", env!("CARGO_MANIFEST_DIR"));
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        assert!(!files.is_empty(), "{store}");
        for file in files {
            assert!(fs::read_to_string(&file).unwrap().is_ascii(), "{}", file.display());
        }
    }
}

#[test]
fn a_database_in_another_encoding_is_as_good() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let name = format!("in_{}", encoding.to_lowercase());
        let make = format!(
            "create database {name} template template0 encoding '{encoding}' \
                 locale_provider libc locale 'C'"
        );
        cluster().psql("postgres", &make).unwrap();
        let store = PostgresStore::open(&address(&cluster().url(&name))).unwrap();
        assert!(block_on(store.ping(at(0))).is_ok(), "{encoding}");
        works(&store, "evt_1");
    }
}
