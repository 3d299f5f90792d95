//! Each trouble has its name, loses nothing that was acknowledged, and when it ends the same store
//! works again.

#![expect(clippy::unwrap_used, reason = "a trouble that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use home::{Home, OtherProgram, address, cluster, eventually, ids, record};
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::settle::{LEASE, settle_due, settlement};
use portal_domain::{Alert, AlertChange, Settled, State, Store as _, StoreError};
use portal_postgres::PostgresStore;
use portal_store_suite::{an_event, at, batch, block_on, everything, text};
use portal_test_postgres::{Cluster, PASSWORD, Proxy, USER};
use tokio::runtime::Builder;

/// A delivery gives up after so long, and so must the store have.
const SOON: Duration = Duration::from_secs(5);

/// Sessions of this service that wait for a lock.
const WAITING: &str = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
                       and application_name = 'donation-portal' and datname = current_database()";

#[test]
fn a_server_that_is_stopped_is_unreachable_until_it_is_back() {
    let cluster = Cluster::start().unwrap();
    let home = Home::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::Unreachable,
        || cluster.stop().unwrap(),
        || cluster.start_again().unwrap(),
    );
}

#[test]
fn a_server_that_is_killed_has_lost_nothing_when_it_is_back() {
    let cluster = Cluster::start().unwrap();
    let home = Home::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::Unreachable,
        || cluster.kill().unwrap(),
        || cluster.start_again().unwrap(),
    );
}

#[test]
fn a_server_that_was_started_anew_is_found_without_an_error_after_a_moment() {
    let cluster = Cluster::start().unwrap();
    let home = Home::on(&cluster);
    works(&home.store, "before");
    cluster.stop().unwrap();
    cluster.start_again().unwrap();
    // The ends of the old connections have been heard by then.
    works(&home.store, "after");
}

#[test]
fn a_server_that_stands_still_is_given_up_in_time() {
    let cluster = Cluster::start().unwrap();
    let home = Home::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::TimedOut,
        || cluster.pause().unwrap(),
        || cluster.resume().unwrap(),
    );
}

#[test]
fn a_network_that_hangs_is_given_up_in_time() {
    let (home, proxy, store) = through_a_proxy();
    is_survived(&store, &StoreError::TimedOut, || proxy.hang(), || proxy.pass());
    assert_eq!(home.other_program.ask("select count(*) from unsettled"), "0");
}

#[test]
fn a_network_that_hangs_while_a_connection_is_made_is_given_up_in_time() {
    let (home, proxy, store) = through_a_proxy();
    let url = cluster().url_through(&proxy, home.database());
    proxy.cut();
    proxy.hang();
    assert_eq!(soon(store.ping(at(0))), Err(StoreError::TimedOut));
    has_timed_out(&url);
}

#[test]
fn a_server_that_hangs_after_the_handshake_is_given_up_in_time() {
    let (home, proxy, store) = through_a_proxy();
    // A new connection is not good for anything before the schema's version is known.
    home.other_program.run("begin; lock table schema_version in access exclusive mode");
    proxy.cut();
    proxy.pass();
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.ping(at(0))));
        home.wait_for_waiting(1);
        proxy.hang();
        assert_eq!(answer.join().unwrap(), Err(StoreError::TimedOut));
    });
    has_timed_out(home.url());
    home.other_program.run("commit");
    proxy.pass();
    recovers(&store);
}

#[test]
fn a_network_that_is_cut_is_unreachable_until_it_is_mended() {
    let (_home, proxy, store) = through_a_proxy();
    is_survived(&store, &StoreError::Unreachable, || proxy.cut(), || proxy.pass());
}

#[test]
fn a_slow_network_is_slow_and_nothing_else() {
    let (home, proxy, store) = through_a_proxy();
    works(&store, "before");
    proxy.slow(Duration::from_millis(30));
    assert_eq!(soon(store.record(&batch([an_event("before")]))), Ok(vec![Duplicate]));
    works(&store, "during");
    proxy.cut();
    proxy.slow(Duration::from_millis(30));
    assert!(eventually(|| store_is_ready(&store)), "it connects as well");
    assert_eq!(home.other_program.ask("select count(*) from unsettled"), "0");
}

#[test]
fn a_statement_that_is_cut_off_is_unreachable_and_left_nothing() {
    let (home, proxy, store) = through_a_proxy();
    works(&store, "before");
    home.other_program.run("begin; lock table event in access exclusive mode");
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.record(&batch([an_event("evt_1")]))));
        home.wait_for_waiting(1);
        proxy.cut();
        assert_eq!(answer.join().unwrap(), Err(StoreError::Unreachable));
    });
    // The server has noticed, and lets go of what was begun.
    home.wait_for_waiting(0);
    home.other_program.run("commit");
    proxy.pass();
    recovers(&store);
    assert_eq!(soon(store.event(&text("evt_1"))), Ok(None));
}

#[test]
fn a_record_whose_answer_was_lost_is_a_duplicate_and_settled_once() {
    let (home, proxy, store) = through_a_proxy();
    works(&store, "before");
    proxy.lose_answers();
    let wanted = batch(["evt_1", "evt_2"].map(an_event));
    assert_eq!(soon(store.record(&wanted)), Err(StoreError::Unreachable));
    home.other_program.wait_for("select count(*) from event where id like 'evt_%'", "2");
    proxy.pass();
    recovers(&store);
    assert_eq!(soon(store.record(&wanted)), Ok(vec![Duplicate, Duplicate]));
    let settled = soon(settle_due(&store, 10, at(1_760_000_100), 0)).unwrap();
    assert_eq!(
        settled.iter().map(|it| it.event.id.as_str()).collect::<Vec<_>>(),
        ["evt_1", "evt_2"]
    );
    assert_eq!(soon(settle_due(&store, 10, at(1_770_000_000), 0)), Ok(vec![]));
    assert_eq!(home.other_program.ask("select count(*) from event where id like 'evt_%'"), "2");
}

#[test]
fn a_claim_whose_answer_was_lost_comes_back_after_its_lease() {
    let (home, proxy, store) = through_a_proxy();
    works(&store, "before");
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![New]));
    let now = at(1_760_000_100);
    proxy.lose_answers();
    assert_eq!(soon(store.claim(10, LEASE, now)), Err(StoreError::Unreachable));
    home.other_program.wait_for("select attempts from unsettled", "1");
    proxy.pass();
    recovers(&store);
    assert_eq!(soon(store.claim(10, LEASE, now)), Ok(vec![]));
    let claimed = soon(store.claim(10, LEASE, now.after(LEASE))).unwrap();
    assert_eq!(claimed.iter().map(|it| it.event.attempts).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_settlement_whose_answer_was_lost_is_counted_once() {
    let (home, proxy, store) = through_a_proxy();
    let now = at(1_760_000_100);
    works(&store, "before");
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![New]));
    // A commit that waits, so that it is known when it is under way.
    home.other_program.run(
        "create function hold() returns trigger language plpgsql as
             'begin perform pg_advisory_xact_lock(7); return null; end';
         create constraint trigger hold after delete on unsettled
             deferrable initially deferred for each row execute function hold();
         select pg_advisory_lock(7)",
    );
    let claimed = soon(store.claim(10, LEASE, now)).unwrap();
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.settle(&settlements, now)));
        home.wait_for_waiting(1);
        assert_eq!(home.other_program.ask(&WAITING.replace("count(*)", "query")), "commit");
        proxy.lose_answers();
        home.other_program.run("select pg_advisory_unlock(7)");
        assert_eq!(answer.join().unwrap(), Err(StoreError::Unreachable));
    });
    proxy.pass();
    recovers(&store);
    let event = soon(store.event(&text("evt_1"))).unwrap().unwrap();
    assert_eq!(event.state, State::Done);
    assert_eq!(soon(store.settle(&settlements, now)), Ok(vec![Settled::Stale]));
    assert_eq!(soon(settle_due(&store, 10, at(1_770_000_000), 0)), Ok(vec![]));
    let donations = soon(store.donations(&Default::default(), None, 10)).unwrap();
    assert_eq!(donations.iter().map(|it| it.net).collect::<Vec<_>>(), [3000]);
}

#[test]
fn a_settlement_that_is_cut_off_before_its_commit_is_made_up_for() {
    let (home, proxy, store) = through_a_proxy();
    let now = at(1_760_000_100);
    works(&store, "before");
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![New]));
    let claimed = soon(store.claim(10, LEASE, now)).unwrap();
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    home.other_program.run("begin; lock table payment in access exclusive mode");
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.settle(&settlements, now)));
        home.wait_for_waiting(1);
        proxy.cut();
        assert_eq!(answer.join().unwrap(), Err(StoreError::Unreachable));
    });
    home.wait_for_waiting(0);
    home.other_program.run("commit");
    proxy.pass();
    recovers(&store);
    assert_eq!(soon(store.event(&text("evt_1"))).unwrap().unwrap().state, State::Pending);
    assert_eq!(soon(store.settle(&settlements, now)), Ok(vec![Settled::Applied]));
}

#[test]
fn a_lock_that_is_let_go_soon_is_waited_for() {
    let home = Home::new();
    home.other_program.run("begin; lock table event in access exclusive mode");
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(home.store.record(&batch([an_event("evt_1")]))));
        home.wait_for_waiting(1);
        home.other_program.run("commit");
        assert_eq!(answer.join().unwrap(), Ok(vec![New]));
    });
}

#[test]
fn a_lock_that_is_held_on_is_busy() {
    let home = Home::new();
    let store = &home.store;
    home.other_program.run("begin; lock table event, alert in access exclusive mode");
    let (events, id) = (batch([an_event("evt_1")]), text("evt_1"));
    let trouble = [AlertChange::Raise(Alert::BacklogOld { waiting: 1, overdue_seconds: 400 })];
    let all = async {
        tokio::join!(store.record(&events), store.event(&id), store.raise(&trouble, at(0)))
    };
    let busy = (Err(StoreError::Busy), Err(StoreError::Busy), Err(StoreError::Busy));
    assert_eq!(soon(all), busy);
    assert_eq!(soon(store.ping(at(0))), Ok(()), "what is not locked goes on");

    home.other_program.run("commit");
    assert_eq!(soon(store.raise(&trouble, at(0))), Ok(()));
    assert_eq!(record(store, &["evt_1"]), Ok(vec![New]));
    assert_eq!(ids(store), Ok(vec!["evt_1".into()]));
}

#[test]
fn a_settler_waits_for_an_operator_s_long_remedy() {
    let home = Home::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    // As a remedy for very many events holds it.
    home.other_program.run("begin; select pg_advisory_xact_lock(x'444f4e41'::integer, 1)");
    thread::scope(|scope| {
        let settled = scope.spawn(|| block_on(settle_due(&home.store, 10, at(1_760_000_100), 0)));
        home.wait_for_waiting(1);
        thread::sleep(Duration::from_secs(3));
        home.other_program.run("commit");
        assert_eq!(settled.join().unwrap().map(|it| it.len()), Ok(1));
    });
}

#[test]
fn a_server_without_room_for_another_connection_is_crowded() {
    let cluster = Cluster::start_with(&[("max_connections", "12")]).unwrap();
    let home = Home::on(&cluster);
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    let others = all_there_are(&cluster.url("postgres"));
    assert_eq!(record(&home.store, &["evt_2"]), Ok(vec![New]), "a connection that is there stays");
    home.other_program.cut_all();
    let others = (others, all_there_are(&cluster.url("postgres")));

    let crowded = StoreError::Crowded;
    assert!(eventually(|| record(&home.store, &["evt_3"]) == Err(crowded.clone())));
    assert_eq!(soon(home.store.events(&everything())), Err(crowded.clone()));
    let refused = PostgresStore::open_as_it_is(&address(home.url())).err();
    assert_eq!(refused, Some(crowded));

    drop(others);
    recovers(&home.store);
    assert_eq!(record(&home.store, &["evt_1", "evt_3"]), Ok(vec![Duplicate, New]));
}

#[test]
fn a_role_s_own_limit_is_crowded_too() {
    let home = Home::new();
    let url = home.as_role("counted", "connection limit 1");
    home.other_program.run(
        "grant all on schema donation_portal to counted;
        grant all on all tables in schema donation_portal to counted;
        grant all on all sequences in schema donation_portal to counted",
    );
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    assert_eq!(soon(store.ping(at(0))), Err(StoreError::Crowded));
}

#[test]
fn a_server_that_became_a_standby_is_read_only_until_it_leads_again() {
    let cluster = Cluster::start().unwrap();
    let home = Home::on(&cluster);
    works(&home.store, "before");
    cluster.stop().unwrap();
    fs::write(cluster.folder().join("data/standby.signal"), "").unwrap();
    cluster.start_again().unwrap();

    let read_only = StoreError::ReadOnly;
    assert!(eventually(|| record(&home.store, &["evt_1"]) == Err(read_only.clone())));
    assert_eq!(soon(home.store.ping(at(0))), Err(read_only.clone()));
    assert_eq!(soon(home.store.claim(1, LEASE, at(0))), Err(read_only.clone()));
    assert_eq!(ids(&home.store), Ok(vec!["before".into()]));
    assert_eq!(PostgresStore::open(&address(home.url())).err(), None, "it can be read");

    assert_eq!(cluster.psql("postgres", "select pg_promote()").unwrap(), "t");
    recovers(&home.store);
    assert_eq!(record(&home.store, &["before", "evt_1"]), Ok(vec![Duplicate, New]));
}

#[test]
fn a_database_that_was_made_read_only_is_and_stays_so() {
    let home = Home::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    // As a provider does where the disk is nearly full, or an operator before a move.
    let set = |what: &str| {
        let database = home.database();
        home.other_program.run(&format!("alter database {database} {what}"));
        home.other_program.cut_all();
    };
    set("set default_transaction_read_only = on");
    let read_only = StoreError::ReadOnly;
    assert!(eventually(|| record(&home.store, &["evt_2"]) == Err(read_only.clone())));
    assert_eq!(soon(home.store.ping(at(0))), Err(read_only.clone()));
    assert_eq!(soon(home.store.claim(1, LEASE, at(0))), Err(read_only));
    assert_eq!(ids(&home.store), Ok(vec!["evt_1".into()]));

    set("reset default_transaction_read_only");
    recovers(&home.store);
    assert_eq!(record(&home.store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, New]));
}

#[test]
fn a_database_that_was_taken_away_is_missing_until_it_is_back() {
    let home = Home::new();
    let (store, database) = (&home.store, home.database());
    works(store, "before");
    let elsewhere = OtherProgram::connect(&cluster().url("postgres"));
    elsewhere.run(&format!("alter database {database} allow_connections false"));
    home.other_program.cut_all();
    elsewhere.run(&format!(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database}'"
    ));
    elsewhere.run(&format!("alter database {database} rename to {database}_aside"));
    assert!(eventually(|| record(store, &["evt_1"]) == Err(StoreError::Missing)));
    assert_eq!(ids(store), Err(StoreError::Missing));
    let open = PostgresStore::open(&address(home.url())).err();
    assert_eq!(open, Some(StoreError::Missing), "none is made in its place");

    elsewhere.run(&format!("alter database {database}_aside rename to {database}"));
    elsewhere.run(&format!("alter database {database} allow_connections true"));
    recovers(store);
    assert_eq!(record(store, &["before", "evt_1"]), Ok(vec![Duplicate, New]));
}

#[test]
fn a_wrong_password_is_denied_and_not_repeated() {
    let wrong = "hunter2-and-more";
    let url = cluster().url("postgres").replace(PASSWORD, wrong);
    let denied = PostgresStore::open(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::Denied(_)), "{denied:?}");
    is_kept(wrong, &denied);
    let unknown = cluster().url("postgres").replace(USER, "nobody");
    let denied = PostgresStore::open(&address(&unknown)).err().unwrap();
    assert!(matches!(denied, StoreError::Denied(_)), "{denied:?}");
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

#[test]
fn who_may_not_make_a_schema_is_denied() {
    let home = Home::new();
    home.other_program.run("drop schema donation_portal cascade");
    let url = home.as_role("maker", "");
    let denied = PostgresStore::open(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::Denied(_)), "{denied:?}");

    home.other_program.run("create schema donation_portal authorization maker");
    let store = PostgresStore::open(&address(&url)).unwrap();
    works(&store, "evt_1");
}

#[test]
fn who_may_only_use_the_schema_works_with_it_as_it_is() {
    let home = Home::new();
    let url = home.as_role("worker", "");
    let denied = PostgresStore::open_as_it_is(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::Denied(_)), "{denied:?}");

    home.other_program.run(
        "grant usage on schema donation_portal to worker;
         grant select, insert, update, delete on all tables in schema donation_portal to worker;
         grant usage on all sequences in schema donation_portal to worker",
    );
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    works(&store, "evt_1");
    assert!(PostgresStore::open(&address(&url)).is_ok(), "there is nothing to migrate");

    home.other_program.run("revoke insert on event from worker");
    let denied = record(&store, &["evt_2"]);
    assert!(matches!(denied, Err(StoreError::Denied(_))), "{denied:?}");
    home.other_program.run("grant insert on event to worker");
    assert_eq!(record(&store, &["evt_2"]), Ok(vec![New]));
}

#[test]
fn a_row_that_this_service_never_wrote_is_corrupt_and_hinders_no_other() {
    let home = Home::new();
    let store = &home.store;
    let id = text("evt_1");
    for (column, bad, good) in [
        ("id", "'evt 1'", "'evt_1'"),
        ("payload", "'thick'", "'snapshot'"),
        ("type", "''", "'payment_intent.succeeded'"),
        ("facts", "'{\"object\":\"customer\"}'", "null"),
        ("state", "'finished'", "'pending'"),
        ("reason", "'unknown_type'", "null"),
        ("origin", "'found'", "'delivered'"),
        ("received_at", "9223372036854775807", "1760000002"),
    ] {
        home.empty();
        assert_eq!(record(store, &["evt_1", "evt_2"]), Ok(vec![New, New]));
        let set = |value| {
            let which = "where id in ('evt_1', 'evt 1')";
            home.other_program.run(&format!("update event set {column} = {value} {which}"));
        };
        set(bad);
        assert_eq!(ids(store), Err(StoreError::Corrupt), "{column}");
        assert_eq!(block_on(store.ping(at(0))), Ok(()), "{column}");
        assert!(block_on(store.event(&text("evt_2"))).unwrap().is_some(), "{column}");
        let now = at(1_760_000_100);
        let settled = block_on(settle_due(store, 10, now, 0)).unwrap();
        let settled: Vec<_> = settled.iter().map(|it| it.event.id.as_str()).collect();
        assert_eq!(settled, ["evt_2"], "{column}");
        let alone = block_on(settle_due(store, 10, at(1_760_001_000), 0));
        assert_eq!(alone, Err(StoreError::Corrupt), "{column}: it is not forgotten");
        set(good);
        assert!(block_on(store.event(&id)).unwrap().is_some(), "{column}");
        let settled = block_on(settle_due(store, 10, at(1_760_010_000), 0)).unwrap();
        assert_eq!(settled.len(), 1, "{column}");
    }
}

#[test]
fn a_batch_that_fails_midway_leaves_nothing_and_quotes_nothing() {
    let home = Home::new();
    let store = &home.store;
    home.other_program.run("alter table event add constraint refuse check (id <> 'evt_3')");
    let failed = record(store, &["evt_1", "evt_2", "evt_3", "evt_4"]);
    assert_eq!(failed, Err(StoreError::Failed("SQLSTATE 23514".into())));
    assert_eq!(ids(store), Ok(vec![]));

    home.other_program.run("alter table event drop constraint refuse");
    assert_eq!(record(store, &["evt_1", "evt_2", "evt_3"]), Ok(vec![New; 3]));
}

#[test]
fn a_caller_who_gives_up_leaves_the_store_as_good_as_before() {
    let home = Home::new();
    let store = &home.store;
    works(store, "before");
    assert_eq!(record(store, &["evt_1"]), Ok(vec![New]));
    let now = at(1_760_000_100);
    let claimed = block_on(store.claim(10, LEASE, now)).unwrap();
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    home.other_program.run("begin; lock table payment in access exclusive mode");
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let given_up = runtime.block_on(async {
        tokio::time::timeout(Duration::from_millis(300), store.settle(&settlements, now)).await
    });
    assert!(given_up.is_err());
    home.other_program.run("commit");
    assert_eq!(block_on(store.settle(&settlements, now)), Ok(vec![Settled::Applied]));
}

/// A trouble begins and ends, and the store is there before, during and after it.
fn is_survived(
    store: &PostgresStore,
    why: &StoreError,
    begins: impl FnOnce(),
    ends: impl FnOnce(),
) {
    works(store, "before");
    begins();
    // On the connections that were there, and on new ones.
    let (events, before) = (batch([an_event("evt_1")]), text("before"));
    let both = soon(async { tokio::join!(store.record(&events), store.event(&before)) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    let both = soon(async { tokio::join!(store.ping(at(0)), store.backlog(at(0))) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    ends();
    recovers(store);
    // Nobody can know of the one that was not answered.
    let again = record(store, &["before", "evt_1", "evt_2"]).unwrap();
    assert!(matches!(again[..], [Duplicate, _, New]), "{again:?}");
    let settled = soon(settle_due(store, 10, at(1_760_000_100), 0)).unwrap();
    assert_eq!(settled.len(), 2);
    let all = ids(store).unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
}

/// Nobody gets a store there, and everybody learns that in time.
fn has_timed_out(url: &str) {
    for open in [PostgresStore::open, PostgresStore::open_as_it_is] {
        let (address, (answer, answered)) = (address(url), mpsc::channel());
        thread::spawn(move || answer.send(open(&address).err()));
        let refused = answered.recv_timeout(SOON).unwrap();
        assert!(matches!(refused, Some(StoreError::TimedOut | StoreError::Busy)), "{refused:?}");
    }
}

/// The store has 5 seconds to do again whatever it does.
fn recovers(store: &PostgresStore) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let recovered = async {
        while !is_well(store).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = runtime.block_on(async { tokio::time::timeout(SOON, recovered).await });
    assert!(in_time.is_ok(), "it does not work again");
}

/// Whether each of the store's connections is good.
async fn is_well(store: &PostgresStore) -> bool {
    let resolve = [AlertChange::Resolve("nothing".into())];
    store.ping(at(0)).await.is_ok()
        && store.settle(&[], at(0)).await.is_ok()
        && store.raise(&resolve, at(0)).await.is_ok()
        && store.backlog(at(0)).await.is_ok()
        && store.events(&everything()).await.is_ok()
}

fn store_is_ready(store: &PostgresStore) -> bool {
    soon(store.ping(at(0))).is_ok()
}

/// Records an event and settles it.
fn works(store: &PostgresStore, id: &str) {
    assert_eq!(record(store, &[id]), Ok(vec![New]));
    assert_eq!(block_on(settle_due(store, 10, at(1_760_000_100), 0)).unwrap().len(), 1);
    assert_eq!(block_on(store.event(&text(id))).unwrap().unwrap().state, State::Done);
    assert!(block_on(is_well(store)));
}

/// What `step` comes to, which it must in time.
fn soon<T>(step: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(SOON, step).await }).unwrap()
}

/// A store, and the network between it and its database.
fn through_a_proxy() -> (Home, Proxy, PostgresStore) {
    let home = Home::new();
    let proxy = Proxy::start(cluster().address()).unwrap();
    let url = cluster().url_through(&proxy, home.database());
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    (home, proxy, store)
}

/// Takes all connections that the server has left.
fn all_there_are(url: &str) -> Vec<OtherProgram> {
    std::iter::from_fn(|| OtherProgram::try_connect(url)).collect()
}

fn is_kept(secret: &str, shown: &impl std::fmt::Display) {
    let shown = shown.to_string();
    assert!(!shown.contains(secret), "{shown}");
    assert!(!shown.contains('\n'), "{shown}");
}

impl Home {
    fn database(&self) -> &str {
        let (_, name) = self.url().rsplit_once('/').unwrap();
        name.split('?').next().unwrap()
    }

    fn wait_for_waiting(&self, sessions: u32) {
        self.other_program.wait_for(WAITING, &sessions.to_string());
    }

    /// The database's address for a new role.
    fn as_role(&self, name: &str, options: &str) -> String {
        self.other_program
            .run(&format!("create role {name} login password '{PASSWORD}' {options}"));
        self.url().replace(&format!("{USER}:"), &format!("{name}:"))
    }
}
