//! Filling a database on PostgreSQL, by itself: millions of rows need not come over a connection.

use indicatif::ProgressBar;
use portal_harness::database::Session;
use portal_harness::delivery::Ids;
use xtask::run::Failure;

use crate::grown::{CHUNK, Span, TWO_YEARS, pay_for_every_event};

/// Repeats the first event and its payment, over the whole span; tells how many bytes the database has
/// then.
pub(crate) fn fill(
    url: &str,
    ids: &Ids,
    span: &Span,
    progress: &ProgressBar,
) -> Result<u64, Failure> {
    let session = Session::open(url)?;
    session.run("set synchronous_commit = off")?;
    let of_event = columns(&session, "event")?;
    let mut written = 0;
    while written < span.events {
        let until = span.events.min(written + CHUNK);
        session.run(&repeat_first_event(&of_event, ids, span, written, until))?;
        progress.inc((until - written).into());
        written = until;
    }
    session.run(&pay_for_every_event(&columns(&session, "payment")?))?;
    // As it would be after two years: vacuumed on the way, and on the disk.
    session.run("vacuum (analyze) event")?;
    session.run("vacuum (analyze) payment")?;
    session.run("checkpoint")?;
    let size = session.query("select pg_database_size(current_database())")?;
    Ok(u64::try_from(size.first().ok_or("no row")?.try_get::<_, i64>(0)?)?)
}

fn columns(session: &Session, table: &str) -> Result<Vec<String>, Failure> {
    let sql = format!(
        "select column_name::text from information_schema.columns \
         where table_schema = current_schema() and table_name = '{table}' \
         and is_generated = 'NEVER' order by ordinal_position"
    );
    Ok(session.query(&sql)?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// A statement that inserts the first event again, with other ids and other times, in their order.
fn repeat_first_event(
    columns: &[String],
    ids: &Ids,
    Span { began, events }: &Span,
    from: u32,
    until: u32,
) -> String {
    let id = ids.in_sql("n.at");
    let values = columns.iter().map(|column| match column.as_str() {
        "seq" => "nextval('event_seq')",
        "id" => &id,
        "created" | "received_at" => "n.at",
        other => other,
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    format!(
        "insert into event ({columns}) select {values} \
         from (select * from event order by seq limit 1) as first, lateral ( \
             select {began} + it * {TWO_YEARS} / {events} as at \
             from generate_series({from}::bigint, {until}::bigint - 1) as it \
         ) as n order by n.at"
    )
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;
    use portal_testkit::postgres::Cluster;

    use super::fill;
    use crate::grown::{Span, TWO_YEARS};
    use portal_harness::database::{Database, Session};
    use portal_harness::delivery::{IdShape, Ids};

    const FIRST: &str = "create schema donation_portal;
        create sequence event_seq;
        create table event (seq bigint primary key, id text collate \"C\" not null unique,
            type text not null, created bigint not null, received_at bigint not null);
        insert into event values (nextval('event_seq'), 'evt_first', 'a.type', 1, 2);
        create table payment (id text collate \"C\" primary key, amount bigint, at bigint,
            event_id text);
        insert into payment values ('pi_first', 5000, 2, 'evt_first')";

    #[test]
    fn the_database_makes_ids_as_the_program_does() {
        let cluster = Cluster::start().unwrap();
        let url = cluster.url(&cluster.new_database().unwrap());
        Session::open(&url).unwrap().run(FIRST).unwrap();
        let (mut ids, span) =
            (Ids::new(IdShape::Stripe, 1), Span { began: 1_700_000_000, events: 9 });
        fill(&url, &ids, &span, &ProgressBar::hidden()).unwrap();

        let reader = Database::Postgres(url).open().unwrap();
        let paid =
            "select count(*) from event join payment on event.id = event_id and amount = 5000";
        assert_eq!(reader.number(paid).unwrap(), 10);
        let made = reader.ids().unwrap().split_off(1);
        assert_eq!(made.len(), 9);
        assert!(made.is_sorted(), "{made:?}");
        for (place, made) in (0..).zip(made) {
            let by_the_program = ids.draw_at(span.began + place * TWO_YEARS / 9);
            assert_eq!(made.len(), by_the_program.len());
            // The rest is chance.
            assert_eq!(made[..20], by_the_program[..20]);
        }
    }
}
