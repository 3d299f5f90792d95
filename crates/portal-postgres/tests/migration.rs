//! How the schema comes about: from nothing, from what an older version has left, and beside a
//! newer version that is being rolled out.

#![expect(clippy::unwrap_used, reason = "a database that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use std::sync::Barrier;
use std::thread;

use home::{Home, OtherProgram, address, cluster, eventually, ids, record};
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::settle::settle_due;
use portal_domain::{
    Backlog, Event, IgnoredReason, Payload, Remedy, Selection, Settled, State, Store as _,
    StoreError, Supplied,
};
use portal_postgres::{PostgresStore, SCHEMA_VERSION};
use portal_store_suite::stripe::{NEW, charge, told};
use portal_store_suite::{an_event, at, batch, block_on, everything, text};

/// What the first version did.
const FIRST: &str = include_str!("../migrations/0001_inbox.sql");

/// What the second version did after that.
const SECOND: &str = include_str!("../migrations/0002_ledger.sql");

/// How the first wrote down that it had.
const FIRST_DONE: &str = "
    create schema donation_portal;
    set search_path = donation_portal;
    create table schema_version (
        version      integer primary key,
        serves_since integer not null,
        migrated_at  timestamptz not null default now()
    );
    insert into schema_version (version, serves_since) values (1, 1)";

/// All that can differ between two schemas of one name.
const SCHEMA: &str = "
    with ours as (select * from pg_class where relnamespace = 'donation_portal'::regnamespace)
    select concat_ws(' ', relname, relkind, array_to_string(reloptions, ',')) as line from ours
    union all
    select concat_ws(' ', relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
        attcollation::regcollation, pg_get_expr(adbin, adrelid))
    from ours join pg_attribute on attrelid = ours.oid and attnum > 0
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select pg_get_indexdef(ours.oid) from ours where relkind = 'i'
    union all
    select concat_ws(' ', relname, pg_get_viewdef(ours.oid)) from ours where relkind = 'v'
    union all
    select concat_ws(' ', relname, conname, pg_get_constraintdef(pg_constraint.oid))
    from ours join pg_constraint on conrelid = ours.oid
    union all
    select concat_ws(' ', relname, seqtypid::regtype, seqstart, seqincrement, seqmax, seqcache)
    from ours join pg_sequence on seqrelid = ours.oid
    order by line";

#[test]
fn events_of_the_first_version_are_kept_and_settled() {
    let (url, events) = of_the_first_version();
    let store = PostgresStore::open(&address(&url)).unwrap();

    let waiting = Event { state: State::Waiting, ..events[2].clone() };
    let mut kept = [events[0].clone(), events[1].clone(), waiting, events[3].clone()];
    kept.reverse();
    assert_eq!(block_on(store.events(&everything())), Ok(kept.to_vec()));
    // Overdue since they came, and not since 1970.
    let now = at(1_760_000_100);
    let backlog = Backlog { pending: 2, overdue_seconds: 98, dead: 0, waiting: 1 };
    assert_eq!(block_on(store.backlog(now)), Ok(backlog));

    assert_eq!(block_on(settle_due(&store, 10, now, 0)).unwrap().len(), 2);
    let donations = block_on(store.donations(&Default::default(), None, 10)).unwrap();
    let seen: Vec<_> = donations.iter().map(|it| (it.id.as_str(), it.amount)).collect();
    assert_eq!(seen, [("pi_1", 3000)]);
    assert_eq!(block_on(store.record(&batch(events))), Ok(vec![Duplicate; 4]));
    assert_eq!(block_on(settle_due(&store, 10, now, 0)).unwrap(), []);
}

#[test]
fn what_the_second_version_leaves_waiting_is_due_at_once_also_beside_this_one() {
    let (url, _) = of_the_first_version();
    let older = OtherProgram::connect(&url);
    older.run(SECOND);
    older.run("insert into schema_version (version, serves_since) values (2, 2)");
    let store = PostgresStore::open(&address(&url)).unwrap();
    assert_eq!(older.ask("select max(serves_since) from schema_version"), "2");

    let beside = Event { id: text("evt_5"), state: State::Waiting, ..a_thin_event() };
    insert(&older, &beside);
    let waiting = block_on(store.waiting(10, at(1_760_000_100))).unwrap();
    let seen: Vec<_> = waiting.iter().map(|it| (it.id.as_str(), it.attempts)).collect();
    assert_eq!(seen, [("evt_3", 0), ("evt_5", 0)]);
    assert_eq!(waiting[1], beside);

    // Its remedy has one wait that was to be settled.
    older.run("insert into unsettled (seq, due_at) select seq, 0 from event where id = 'evt_3'");
    let facts = an_event("evt_1").facts.unwrap();
    let supplied = Supplied::Object { facts, at: at(1_760_000_100) };
    let settled = block_on(store.supply(&text("evt_3"), &supplied, at(1_760_000_100)));
    assert_eq!(settled, Ok(Settled::Applied));
}

#[test]
fn an_index_that_was_made_before_the_migration_is_taken() {
    let (url, _) = of_the_first_version();
    OtherProgram::connect(&url)
        .run("create index concurrently event_thin on event (object_id) where payload = 'thin'");
    assert!(PostgresStore::open(&address(&url)).is_ok());
}

#[test]
fn a_migrated_database_is_as_good_as_a_new_one() {
    let (url, _) = of_the_first_version();
    let store = PostgresStore::open(&address(&url)).unwrap();
    let new = Home::new();
    let schema = |program: &OtherProgram| -> Vec<String> {
        program.ask(SCHEMA).lines().map(ToOwned::to_owned).collect()
    };
    let due = schema(&new.other_program);
    assert!(due.len() > 100, "{due:?}");
    assert_eq!(schema(&OtherProgram::connect(&url)), due);

    let all = Selection::default();
    assert_eq!(block_on(store.apply(Remedy::Retry, &all, at(1_760_000_100))), Ok(2));
    assert_eq!(block_on(store.prunable(at(2_000_000_000))), Ok(1));
    // The next event has its place after those that were there.
    assert_eq!(record(&store, &["evt_new"]), Ok(vec![New]));
    assert_eq!(ids(&store).unwrap().first().map(String::as_str), Some("evt_new"));
}

#[test]
fn each_step_is_written_down_once() {
    let steps = "select string_agg(version::text, ',' order by version) from schema_version";
    let all: Vec<_> = (1..=SCHEMA_VERSION).map(|it| it.to_string()).collect();
    let home = Home::new();
    assert_eq!(home.other_program.ask(steps), all.join(","));
    drop(PostgresStore::open(&address(home.url())).unwrap());
    assert_eq!(home.other_program.ask(steps), all.join(","));
}

#[test]
fn processes_that_make_one_database_at_once_all_open_it() {
    const PROCESSES: usize = 6;
    let empty = || cluster().url(&cluster().new_database().unwrap().name);
    for url in [empty(), of_the_first_version().0, empty()] {
        let start = Barrier::new(PROCESSES);
        let open = || {
            start.wait();
            PostgresStore::open(&address(&url)).map(drop)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(open)).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Ok(()));
            }
        });
        let steps = OtherProgram::connect(&url).ask("select count(*) from schema_version");
        assert_eq!(steps, SCHEMA_VERSION.to_string());
    }
}

#[test]
fn a_migration_that_fails_leaves_nothing_and_is_made_up_for() {
    let empty = cluster().url(&cluster().new_database().unwrap().name);
    OtherProgram::connect(&empty).run("create schema donation_portal");
    for (url, events) in [(of_the_first_version().0, 4), (empty, 0)] {
        let other = OtherProgram::connect(&url);
        let tables = "select string_agg(relname, ',' order by relname) from pg_class \
                      where relnamespace = 'donation_portal'::regnamespace";
        // Something is in the way, of which only the last step knows.
        other.run("create view report as select 1 as number");
        let before = other.ask(tables);
        let failed = PostgresStore::open(&address(&url)).err();
        assert!(matches!(failed, Some(StoreError::Failed(_))), "{failed:?}");
        assert_eq!(other.ask(tables), before);

        other.run("drop view report");
        let store = PostgresStore::open(&address(&url)).unwrap();
        assert_eq!(ids(&store).unwrap().len(), events);
    }
}

#[test]
fn who_does_not_migrate_asks_for_a_migration_first() {
    let too_old = |url: &str| PostgresStore::open_as_it_is(&address(url)).err();
    let needed = SCHEMA_VERSION;
    let (of_the_first, _) = of_the_first_version();
    assert_eq!(too_old(&of_the_first), Some(StoreError::TooOld { found: 1, needed }));
    let empty = cluster().url(&cluster().new_database().unwrap().name);
    assert_eq!(too_old(&empty), Some(StoreError::TooOld { found: 0, needed }));
    let made = "select count(*) from pg_namespace where nspname = 'donation_portal'";
    assert_eq!(cluster().psql(empty_name(&empty), made).unwrap(), "0", "looking makes nothing");

    drop(PostgresStore::open(&address(&of_the_first)).unwrap());
    assert!(PostgresStore::open_as_it_is(&address(&of_the_first)).is_ok());
}

#[test]
fn an_older_service_goes_on_beside_a_newer_schema_that_serves_it() {
    let home = Home::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    a_newer_program_migrates(&home, SCHEMA_VERSION);
    works(&home.store, "evt_2");

    home.other_program.cut_all();
    assert!(eventually(|| record(&home.store, &["evt_3"]).is_ok()));
    works(&home.store, "evt_4");
    works(&home.another_store(), "evt_5");
    works(&PostgresStore::open(&address(home.url())).unwrap(), "evt_6");
    assert_eq!(home.other_program.ask("select count(*) from event where tenant = 'one'"), "6");
}

#[test]
fn a_newer_schema_that_does_not_serve_it_is_too_new_until_the_older_one_is_back() {
    let home = Home::new();
    let store = &home.store;
    assert_eq!(record(store, &["evt_1"]), Ok(vec![New]));
    let (found, known) = (SCHEMA_VERSION + 1, SCHEMA_VERSION);
    let too_new = StoreError::TooNew { found, known };
    a_newer_program_migrates(&home, found);
    home.other_program.cut_all();

    assert!(eventually(|| record(store, &["evt_2"]) == Err(too_new.clone())));
    assert_eq!(record(store, &["evt_2"]), Err(too_new.clone()));
    assert_eq!(block_on(store.ping(at(0))), Err(too_new.clone()));
    assert_eq!(ids(store), Err(too_new.clone()));
    assert_eq!(PostgresStore::open(&address(home.url())).err(), Some(too_new.clone()));
    assert_eq!(PostgresStore::open_as_it_is(&address(home.url())).err(), Some(too_new));
    assert_eq!(home.other_program.ask("select count(*) from event"), "1");
    assert_eq!(home.other_program.ask("select count(*) from heartbeat"), "0");
    assert_eq!(
        home.other_program.ask("select max(version) from schema_version"),
        found.to_string()
    );

    home.other_program.run(&format!("delete from schema_version where version = {found}"));
    assert_eq!(record(store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, New]));
}

#[test]
fn a_database_that_is_being_copied_into_is_unfinished_until_it_is_whole() {
    let home = Home::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    home.other_program.run("insert into copying (source) values ('2 events')");
    home.other_program.cut_all();

    let unfinished = || Err::<Vec<_>, _>(StoreError::Unfinished);
    assert!(eventually(|| record(&home.store, &["evt_2"]) == unfinished()));
    assert_eq!(ids(&home.store), Err(StoreError::Unfinished));
    let url = address(home.url());
    assert_eq!(PostgresStore::open(&url).err(), Some(StoreError::Unfinished));
    assert_eq!(PostgresStore::open_as_it_is(&url).err(), Some(StoreError::Unfinished));
    assert_eq!(home.other_program.ask("select count(*) from event"), "1");

    home.other_program.run("delete from copying");
    works(&home.store, "evt_2");
    assert!(PostgresStore::open(&url).is_ok());
}

/// Records an event and settles it.
fn works(store: &PostgresStore, id: &str) {
    let now = at(1_760_000_100);
    assert_eq!(record(store, &[id]), Ok(vec![New]));
    assert!(!block_on(settle_due(store, 10, now, 0)).unwrap().is_empty(), "{id}");
    let event = block_on(store.event(&text(id))).unwrap();
    assert_eq!(event.map(|it| it.state), Some(State::Done), "{id}");
}

/// One more step, which the oldest program by `serves_since` can do with.
fn a_newer_program_migrates(home: &Home, serves_since: u32) {
    home.other_program.run(&format!(
        "begin;
         alter table event add column tenant text not null default 'one';
         alter table unsettled add column tenant text not null default 'one';
         alter table payment add column tenant text;
         create index event_tenant on event (tenant, seq);
         insert into schema_version (version, serves_since) values ({}, {serves_since});
         commit",
        SCHEMA_VERSION + 1
    ));
}

/// A gift, its charge, a thin event, which that version kept as pending, and an ignored one.
fn of_the_first_version() -> (String, Vec<Event>) {
    let url = cluster().url(&cluster().new_database().unwrap().name);
    let other = OtherProgram::connect(&url);
    other.run(FIRST_DONE);
    other.run(FIRST);
    let charge = charge("ch_1", "pi_1", "succeeded").with("amount_captured", 3000);
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let events = vec![
        an_event("evt_1"),
        Event {
            received_at: at(1_760_000_005),
            ..told(NEW, 0, "charge.succeeded", charge).known_as("evt_2").event()
        },
        a_thin_event(),
        Event { state: ignored, facts: None, ..an_event("evt_4") },
    ];
    for event in &events {
        insert(&other, event);
    }
    (url, events)
}

/// As the first version kept it.
fn a_thin_event() -> Event {
    Event { payload: Payload::Thin, api_version: None, facts: None, ..an_event("evt_3") }
}

fn insert(other: &OtherProgram, event: &Event) {
    let sql = "insert into event (seq, id, payload, type, created, livemode, api_version, \
                   object_id, facts, state, reason, origin, received_at) \
               values (nextval('event_seq'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let facts = event.facts.as_ref().map(|it| serde_json::to_string(it).unwrap());
    let inserted = other.execute(
        sql,
        &[
            &event.id.as_str(),
            &event.payload.name(),
            &event.event_type.as_str(),
            &event.created.get(),
            &event.livemode,
            &event.api_version.as_ref().map(|it| it.as_str()),
            &event.object_id.as_ref().map(|it| it.as_str()),
            &facts,
            &event.state.name(),
            &event.state.reason(),
            &event.origin.name(),
            &event.received_at.get(),
        ],
    );
    assert_eq!(inserted, 1);
}

/// The name of the database at `url`.
fn empty_name(url: &str) -> &str {
    let (_, name) = url.rsplit_once('/').unwrap();
    name.split('?').next().unwrap()
}
