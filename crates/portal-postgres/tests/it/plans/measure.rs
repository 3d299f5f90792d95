//! The server's statistics of rows read.

use portal_postgres::PostgresStore;

use crate::home::TestHome;

/// The number of times that each step runs, so that occasional reads count little.
const TIMES: u64 = 12;

/// Reads the number of rows that the server has read in the tables of this service.
const ROWS_READ: &str = "select \
    (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables \
     where schemaname = 'donation_portal') + \
    (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes \
     where schemaname = 'donation_portal')";

/// Counts the sessions that may not have reported their statistics yet.
const SESSIONS: &str = "select count(*) from pg_stat_activity \
    where application_name = 'donation-portal' and datname = current_database()";

/// A step: its name, the number of rows that it is about, and its function, which takes a new number
/// for each run.
pub(crate) type Step = (&'static str, u64, fn(&PostgresStore, u64));

/// Asserts that each step reads little more than the rows that it is about. `turn` makes its input
/// new.
pub(crate) fn assert_read_little(home: &TestHome, steps: &[Step], turn: u64) {
    for (name, rows, step) in steps {
        let read = rows_read(home, |store| {
            (turn * TIMES..(turn + 1) * TIMES).for_each(|n| step(store, n));
        });
        // A row is read in a table, in one or two indexes, and in several subqueries.
        let due = (rows * 6 + 12) * TIMES;
        assert!(read <= due, "{name}: {read} rows instead of {due} (turn {turn})");
    }
}

/// Runs `step` on a new store and returns the number of rows that the server read for it.
fn rows_read(home: &TestHome, step: impl FnOnce(&PostgresStore)) -> u64 {
    let read = || -> u64 {
        home.other_program.wait_for(SESSIONS, "0");
        // The session reports its own statistics now instead of within seconds.
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
