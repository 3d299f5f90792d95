//! A pooler in between: each transaction has another session, with what others have left behind in it.

#![expect(clippy::unwrap_used, reason = "a pooler that cannot be made fails the test")]

#[path = "../home/mod.rs"]
#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

mod by_transaction;
mod faithless;
mod killed;

use std::sync::Arc;

use home::other_program::OtherProgram;
use home::{Home, address, cluster};
use portal_domain::Entry;
use portal_postgres::PostgresStore;
use portal_store_suite::batch;
use portal_store_suite::stripe::{new, payment};
use portal_test_postgres::{Manner, Pooler};

/// Fewer than there are stores.
const SESSIONS: usize = 3;

/// What some other program sets for its session, and leaves so.
const LEFT_BEHIND: &str = "set synchronous_commit = off; set search_path = pg_catalog;
    set default_transaction_isolation = serializable; set statement_timeout = '500ms';
    set lock_timeout = '200ms'; set idle_in_transaction_session_timeout = '200ms'";

/// A home whose database notes under which settings events are recorded, and a pooler in front of it
/// whose sessions somebody else has used.
fn pooled(manner: Manner) -> (Home, Pooler) {
    let home = Home::new();
    home.other_program.run(
        "create table noted (setting text);
         create function note() returns trigger language plpgsql set search_path = donation_portal
             as 'begin insert into noted values (current_setting(''synchronous_commit'')
                 || '', '' || current_setting(''transaction_isolation'')); return null; end';
         create trigger note after insert on event execute function note()",
    );
    let pooler = Pooler::start(cluster(), home.database(), SESSIONS, manner).unwrap();
    leave_behind(&pooler);
    (home, pooler)
}

/// Somebody else uses every session, one after the other.
fn leave_behind(pooler: &Pooler) {
    let other = OtherProgram::connect(&pooler.url());
    (0..SESSIONS).for_each(|_| other.run(LEFT_BEHIND));
    assert_eq!(other.ask("show synchronous_commit"), "off");
}

/// Another process's store.
fn store(pooler: &Pooler) -> PostgresStore {
    PostgresStore::open_as_it_is(&address(&pooler.url())).unwrap()
}

/// A gift of its own for each name.
fn gifts(names: &[String]) -> Vec<Arc<Entry>> {
    let gift = |name: &String| {
        let paid = payment(&format!("pi_{name}"), "succeeded");
        new(0, "payment_intent.succeeded", paid).known_as(&format!("evt_{name}")).event()
    };
    batch(names.iter().map(gift))
}
