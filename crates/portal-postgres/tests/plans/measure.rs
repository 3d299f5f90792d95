//! What the server counts that it has read.

use portal_postgres::PostgresStore;

use crate::home::DatabaseUrl;

/// How often each step is done: what is read once in a while counts little.
const TIMES: u64 = 12;

/// Rows that the server has read in the tables of this service, by index or without.
const ROWS_READ: &str = "select \
    (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables \
     where schemaname = 'donation_portal') + \
    (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes \
     where schemaname = 'donation_portal')";

/// Sessions that may still have to tell what they have read.
const SESSIONS: &str = "select count(*) from pg_stat_activity \
    where application_name = 'donation-portal' and datname = current_database()";

/// Its name, how many rows it is about, and what it does, which is new for each number.
pub(crate) type Step = (&'static str, u64, fn(&PostgresStore, u64));

/// Each step reads little more than it is about. What is new is new in each turn.
pub(crate) fn assert_read_little(home: &DatabaseUrl, steps: &[Step], turn: u64) {
    for (name, rows, step) in steps {
        let read = rows_read(home, |store| {
            (turn * TIMES..(turn + 1) * TIMES).for_each(|n| step(store, n));
        });
        // A row is read in a table and in an index or two, and in more than one subquery.
        let due = (rows * 6 + 12) * TIMES;
        assert!(read <= due, "{name}: {read} rows instead of {due} (turn {turn})");
    }
}

/// What `step` makes the server read, on connections of its own.
fn rows_read(home: &DatabaseUrl, step: impl FnOnce(&PostgresStore)) -> u64 {
    let read = || -> u64 {
        home.other_program.wait_for(SESSIONS, "0");
        // What that session itself has read, which it would tell within seconds, is told now.
        home.other_program.run("select pg_stat_force_next_flush()");
        home.other_program.ask(ROWS_READ).parse().unwrap()
    };
    home.other_program.cut_all();
    let before = read();
    let store = home.another_store();
    step(&store);
    drop(store);
    read() - before
}
