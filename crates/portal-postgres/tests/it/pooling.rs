//! Stores behind a pooler: each transaction may get another session, with settings that other
//! programs left in it.

mod by_transaction;
mod faithless;
mod killed;

use std::sync::Arc;

use crate::home::other_program::OtherProgram;
use crate::home::{TestHome, address, cluster};
use portal_contract::batch;
use portal_contract::stripe::{new, payment};
use portal_domain::Entry;
use portal_postgres::PostgresStore;
use portal_testkit::postgres::{Manner, PgBouncer, PoolMode, Pooler};

/// The number of sessions: fewer than there are stores.
const SESSIONS: usize = 3;

/// The settings that another program makes for its session and leaves.
const LEFT_BEHIND: &str = "set synchronous_commit = off; set search_path = pg_catalog;
    set default_transaction_isolation = serializable; set statement_timeout = '500ms';
    set lock_timeout = '200ms'; set idle_in_transaction_session_timeout = '200ms'";

/// A pooler in front of a home's database.
enum Front {
    Kit(Pooler),
    PgBouncer(PgBouncer),
}

/// The poolers that pool by transaction.
const BY_TRANSACTION: [fn(&str) -> Front; 2] = [
    |database| {
        let pooler = Pooler::start(cluster(), database, SESSIONS, Manner::ByTransaction);
        Front::Kit(pooler.unwrap())
    },
    |database| {
        let pooler = PgBouncer::start(cluster(), database, SESSIONS, PoolMode::Transaction);
        Front::PgBouncer(pooler.unwrap())
    },
];

impl Front {
    fn url(&self) -> String {
        match self {
            Self::Kit(it) => it.url(),
            Self::PgBouncer(it) => it.url(),
        }
    }

    /// Opens another store, as another process does.
    fn store(&self) -> PostgresStore {
        PostgresStore::open_as_it_is(&address(&self.url())).unwrap()
    }

    /// Makes the settings of [`LEFT_BEHIND`] in every session.
    fn leave_behind(&self) {
        let others: Vec<_> = (0..SESSIONS).map(|_| OtherProgram::connect(&self.url())).collect();
        // Each holds a session of its own until all do, without being ended by what it left there.
        let begin = "begin; set idle_in_transaction_session_timeout = 0";
        others.iter().for_each(|it| it.run(begin));
        others.iter().for_each(|it| it.run(&format!("{LEFT_BEHIND}; commit")));
    }
}

/// Returns a home whose database notes the settings under which events are recorded, and a pooler in
/// front of it whose sessions another program has used.
fn pooled(front: fn(&str) -> Front) -> (TestHome, Front) {
    let home = TestHome::new();
    home.other_program.run(
        "create table noted (setting text);
         create function note() returns trigger language plpgsql set search_path = donation_portal
             as 'begin insert into noted values (current_setting(''synchronous_commit'')
                 || '', '' || current_setting(''transaction_isolation'')); return null; end';
         create trigger note after insert on event execute function note()",
    );
    let pooler = front(home.database());
    pooler.leave_behind();
    assert_eq!(OtherProgram::connect(&pooler.url()).ask("show synchronous_commit"), "off");
    (home, pooler)
}

/// Returns a gift for each name.
fn gifts(names: &[String]) -> Vec<Arc<Entry>> {
    let gift = |name: &String| {
        let paid = payment(&format!("pi_{name}"), "succeeded");
        new(0, "payment_intent.succeeded", paid).known_as(&format!("evt_{name}")).event()
    };
    batch(names.iter().map(gift))
}
