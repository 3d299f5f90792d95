//! A day on which nothing comes, at a portal that has seen much.

use std::path::Path;

use portal_harness::worker::Local;
use rusqlite::Connection;
use xtask::run::Failure;

use super::metered::{Cost, Metered};
use super::table::{Measured, compare};

/// The most rows that such a day may read, of the 5 million of D1's free plan.
const READ_MAX: u64 = 100_000;

/// The day's first second: 2026-10-01 in UTC.
pub(super) const BEGIN: i64 = 1_790_812_800;

const HOUR: i64 = 3600;

/// The events of the four weeks before, all but the last day, with a pause that makes the silence a
/// usual one: 300,000 events and the gifts that they tell of; and for longer two disputes a day, which the
/// channel was told of.
const MUCH: &str = "
    insert into event (id, payload, type, created, livemode, state, origin, received_at)
    with recursive n(n) as (select 0 union all select n + 1 from n where n < 299999),
    seen(n, at) as (select n, ?1 - 28 * 86400 + n * (26 * 86400 - 3600) / 300000
                        + iif(n < 150000, 0, 25 * 3600) from n)
    select 'evt_' || n, 'snapshot', 'payment_intent.succeeded', at, 1, 'processed', 'delivered', at
    from seen;
    insert into payment (id, progress, amount, currency, livemode, at, version, no_invoice)
    select 'pi_' || seq, 'paid', 500, 'jpy', 1, received_at, received_at, 50 from event
    where seq % 6 = 0;
    insert into invoice (id, progress, amount, paid, currency, livemode, recurring, at, version)
    select 'in_' || seq, 'paid', 500, 500, 'jpy', 1, 1, received_at, received_at from event
    where seq % 12 = 1;
    insert into alert (key, body, open, count, since, changed_at)
    with recursive n(n) as (select 2 union all select n + 1 from n where n < 200)
    select 'dispute:du_' || n,
        json_object('dispute', json_object('dispute', 'du_' || n, 'payment', 'pi_' || n,
            'state', 'open', 'amount', 500, 'currency', 'jpy', 'livemode', json('true'))),
        0, 1, ?1 - n * 43200, ?1 - n * 43200
    from n;
    insert into alert (key, body, open, count, since, changed_at)
    select 'digest:2026-09-29',
        json_object('digest', json_object('day', '2026-09-29', 'totals', json('[]'), 'pending', 0,
            'failed', 0, 'provisional', 0, 'awaiting_object', 0, 'dead', 0, 'report', null)),
        0, 1, ?1 - 50000, ?1 - 50000;
    insert into notification (channel, key, open, notified_at)
    select 'slack-1', key, open, changed_at from alert;";

/// Nobody listens there, and nothing is to be said.
const CHANNEL: [(&str, &str); 1] = [("SLACK_WEBHOOK_URL", "http://127.0.0.1:9/hook")];

/// Lets each minute of the day pass.
pub(crate) fn at_rest(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    fill(receiver)?;
    let metered = Metered::start(receiver, folder, &CHANNEL)?;
    let first = metered.minutes(BEGIN - HOUR, 1)?.into_iter().sum::<Cost>();
    let mut day = Vec::new();
    for hour in 0..24 {
        day.extend(metered.minutes(BEGIN + hour * HOUR, 60)?);
    }
    metered.stop()?;
    let minute = |minute: usize| day.get(minute).copied().ok_or("the day is too short");
    let measured: Measured = vec![
        ("rolling up 300,000 events, once".into(), first),
        ("a minute".into(), minute(1)?),
        ("the first minute of an hour".into(), minute(60)?),
        ("the minute in which a digest is decided upon".into(), minute(9 * 60)?),
        ("**a day**, 1,440 minutes".into(), day.iter().copied().sum()),
    ];
    let within = check_limits(day.into_iter().sum());
    compare(&measured).and(within)
}

/// Fills the database of a receiver that has not been started yet.
pub(super) fn fill(receiver: &Local) -> Result<(), Failure> {
    let database = Connection::open(receiver.database_file()?)?;
    let begin = BEGIN.to_string();
    database.execute_batch(&format!("begin; {} commit", MUCH.replace("?1", &begin)))?;
    Ok(())
}

fn check_limits(day: Cost) -> Result<(), Failure> {
    let Cost { rows_read, rows_written, .. } = day;
    if rows_read > READ_MAX || rows_written > 0 {
        return Err(format!("{rows_read} rows read and {rows_written} written in a day").into());
    }
    Ok(())
}
