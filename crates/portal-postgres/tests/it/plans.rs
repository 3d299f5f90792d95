//! The number of rows that the server reads for a step: it depends neither on the size of the tables
//! nor on the server's estimate of it.

mod measure;
mod reading;
mod writing;

use std::sync::OnceLock;

use self::measure::assert_read_little;
use crate::home::TestHome;
use portal_contract::text;
use portal_domain::Selection;
use portal_testkit::postgres::Cluster;

/// The SQL that makes a large database: processed events, one a second, of which a few await their
/// object, the last ones are dead, and one in a hundred is thin. Two consecutive events are about
/// charges of one payment, which each names. Payments belong to invoices, and some are refunded or
/// disputed.
const MUCH: &str = "
    insert into event (seq, id, payload, type, created, livemode, object_id, payment, state, origin,
        received_at)
    select n, 'evt_' || n, 'snapshot', 'payment_intent.succeeded', n, true, 'ch_' || n,
        'pi_' || (n - n % 2), 'processed', 'delivered', n
    from generate_series(1, 200000) n;
    select setval('event_seq', 200000);
    insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before)
    select n, 3600, n * 3600, n * 3600 + 3599, 1, 1 from generate_series(0, 2000) n;
    insert into rolled_up (only_row, seq, received_at) values (true, 200000, 200000);
    update event set payload = 'thin', type = 'v1.' || type, object_id = 'pi_' || seq
    where seq % 100 = 0;
    update event set state = 'awaiting_object' where seq % 30000 = 0;
    update event set state = 'dead', reason = 'facts_missing' where seq > 197000;
    insert into invoice (id, progress, amount, paid, currency, livemode)
    select 'in_' || n, 'paid', 500, 500, 'jpy', true from generate_series(1, 20000) n;
    insert into payment (id, progress, amount, currency, livemode, link, invoice)
    select 'pi_' || n, 'paid', 500, 'jpy', true, 10, 'in_' || n from generate_series(1, 20000) n;
    insert into link select 'pi_' || n, 'in_' || n, 10, 0 from generate_series(1, 20000) n;
    insert into refund select 're_' || n, 'pi_' || n, 'ch_' || n, false, 'paid', 1, 0, 'jpy', true, n,
        n, n, 'evt_' || n from generate_series(1, 20000) n;
    insert into dispute select 'du_' || n, 'pi_' || n, 'won', 1, 'jpy', true, n, 'evt_' || n
    from generate_series(1, 20000) n";

#[test]
fn no_step_reads_what_it_is_not_about() {
    let steps = [writing::STEPS, reading::STEPS].concat();
    for vacuumed_when_it_was_empty in [false, true] {
        let home = TestHome::on(cluster());
        if vacuumed_when_it_was_empty {
            home.other_program.run("vacuum analyze");
        }
        home.other_program.run(MUCH);
        assert_read_little(&home, &steps, 0);
        home.other_program.run("vacuum analyze");
        assert_read_little(&home, &steps, 1);
    }
}

/// Selects two processed events.
fn some(n: u64) -> Selection {
    let ids = vec![text("evt_160001"), text(&format!("evt_{}", 160_002 + n))];
    Selection { ids, ..Selection::default() }
}

/// Returns a server that does not analyze its tables by itself.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start_with(&[("autovacuum", "off")]).unwrap())
}
