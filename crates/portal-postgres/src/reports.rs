//! Completeness reports, and the figures that readiness and the monitor go by.

use async_trait::async_trait;
use portal_domain::ports::ROLLED_UP_MAX;
use portal_domain::{
    Backlog, DeliveryHistory, DeliveryHour, HourSpan, Report, Reports, StoreError, UnixSeconds,
    row_decode, stored_json, within_columns,
};

use crate::connection::OpenConnection;
use crate::store::{PostgresStore, step};
use crate::terms::Terms;

#[async_trait]
impl Reports for PostgresStore {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        // One process files at a time, on all replicas, so that numbers have no gaps. The lock needs a
        // statement of its own: only a statement that begins after it sees the last number.
        let one_files = "select pg_advisory_xact_lock(x'444f4e41'::integer, 3)";
        let file = "\
            insert into report (number, made_at, body) \
            select coalesce(max(number), 0) + 1, $1, $2 from report returning number";
        let body = stored_json(report)?;
        step!(self.maintenance, |open| async {
            open.run(one_files).await?;
            open.one(file, &[&report.made_at.get(), &body], row_decode::number).await
        })
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        let mut terms = Terms::new("select number, body from report where true");
        // A number beyond the type of the column belongs to no report.
        terms.add(" and number = ?", number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
        terms.add(" order by number desc limit ?", Some(i64::from(limit)));
        step!(self.reporting, |open| open.all(&terms.sql, &terms.values(), row_decode::report))
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        step!(self.reading, |open| backlog(open))
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        loop {
            let (history, more) = self.roll_up(since).await?;
            if !more {
                return Ok(history);
            }
        }
    }

    async fn delivery_hours(&self, spans: &[HourSpan]) -> Result<Vec<DeliveryHour>, StoreError> {
        let [since, until] = [0, 1].map(|end| {
            spans.iter().filter_map(|it| it.get(end)).map(|it| it.get()).collect::<Vec<_>>()
        });
        step!(self.reading, |open| open.all(HOURS, &[&since, &until], row_decode::delivery_hour))
    }
}

/// Counts the events that are dead and those that await their object, up to
/// [`Backlog::COUNTED_MAX`] each.
pub(crate) async fn backlog(open: &OpenConnection) -> Result<Backlog, StoreError> {
    let backlog = "\
        select \
            (select count(*) from (select 1 from event where state = 'dead' limit $1) as it) as dead, \
            (select count(*) from (select 1 from event where state = 'awaiting_object' limit $1) as it) \
                as awaiting_object, \
            (select count(*) from (select 1 from acknowledgement limit $1) as it) as acknowledged";
    open.one(backlog, &[&Backlog::COUNTED_MAX.cast_signed()], row_decode::backlog).await
}

impl PostgresStore {
    /// Rolls up new events, as many as one step takes. Returns the history, and whether there are
    /// more.
    async fn roll_up(&self, since: UnixSeconds) -> Result<(DeliveryHistory, bool), StoreError> {
        step!(self.maintenance, |open| async {
            open.run(ONE_ROLLS_UP).await?;
            let end = open.first(UP_TO, &[&i64::from(ROLLED_UP_MAX)], |row| row.integer(0)).await?;
            if let Some(up_to) = end {
                open.execute(ROLL_UP, &[&up_to]).await?;
                open.execute(ROLLED_UP, &[&up_to]).await?;
            }
            open.one(HISTORY, &[&since.get()], row_decode::delivery_history).await
        })
    }
}

/// Takes the lock of rolling up until the end of the transaction, so that no event is counted twice.
/// It is another lock than that of changing events, because reading the history must not wait for a
/// long change.
const ONE_ROLLS_UP: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 2)";

macro_rules! since {
    () => {
        "(select coalesce(max(seq), 0) from rolled_up)"
    };
}

macro_rules! last {
    () => {
        "(select coalesce(max(seq), 0) from event)"
    };
}

macro_rules! from_new {
    () => {
        concat!(
            "from event where seq > ",
            since!(),
            " and seq <= $1 \
             and origin = 'delivered' and type <> 'donation_portal.doctor'"
        )
    };
}

/// Returns the last place of a step that rolls up `$1` events, if there are new ones. Events recorded
/// meanwhile belong to the next step.
const UP_TO: &str = concat!(
    "select least(last, since + $1) from (select ",
    last!(),
    " as last, ",
    since!(),
    " as since) as it where last > since"
);

/// The condition that an event is about money: by the first word of its type, which a thin event has
/// after `v1.`.
macro_rules! about_money {
    () => {
        "split_part(regexp_replace(type, '^v1[.]', ''), '.', 1) \
         in ('payment_intent', 'charge', 'invoice', 'invoice_payment', 'refund', 'checkout')"
    };
}

/// Adds the events up to place `$1` to their hours.
const ROLL_UP: &str = concat!(
    "insert into delivery_hour as it (hour, events, first_at, last_at, gap, gap_before, \
         own_money_at, connected, connected_at, connected_account, ",
    within_columns!(),
    ") select hour, count(*), min(received_at), max(received_at), \
         greatest(0, max(case when before / 3600 = hour then received_at - before end)), \
         greatest(0, max(case when before / 3600 <> hour then received_at - before end)), \
         max(received_at) filter (where money and not connected), \
         count(*) filter (where money and connected), \
         max(received_at) filter (where money and connected), \
         max(account) filter (where money and connected), \
         count(*) filter (where delay <= 1), \
         count(*) filter (where delay <= 5), \
         count(*) filter (where delay <= 15), \
         count(*) filter (where delay <= 60), \
         count(*) filter (where delay <= 600), \
         count(*) filter (where delay <= 3600), \
         count(*) filter (where delay <= 10800), \
         count(*) filter (where delay <= 28800), \
         count(*) filter (where delay <= 86400), \
         count(*) filter (where delay <= 259200) \
     from (select received_at, received_at / 3600 as hour, received_at - created as delay, \
               coalesce(lag(received_at) over (order by seq), \
                        (select received_at from rolled_up)) as before, \
               account, reason is not distinct from 'connected_account' as connected, ",
    about_money!(),
    " as money ",
    from_new!(),
    ") as new group by hour \
     on conflict (hour) do update set events = it.events + excluded.events, \
         first_at = least(it.first_at, excluded.first_at), \
         last_at = greatest(it.last_at, excluded.last_at), \
         gap = greatest(it.gap, excluded.gap), \
         gap_before = greatest(it.gap_before, excluded.gap_before), \
         own_money_at = greatest(it.own_money_at, excluded.own_money_at), \
         connected = it.connected + excluded.connected, \
         connected_at = greatest(it.connected_at, excluded.connected_at), \
         connected_account = coalesce(excluded.connected_account, it.connected_account), \
         within_1 = it.within_1 + excluded.within_1, \
         within_5 = it.within_5 + excluded.within_5, \
         within_15 = it.within_15 + excluded.within_15, \
         within_60 = it.within_60 + excluded.within_60, \
         within_600 = it.within_600 + excluded.within_600, \
         within_3600 = it.within_3600 + excluded.within_3600, \
         within_10800 = it.within_10800 + excluded.within_10800, \
         within_28800 = it.within_28800 + excluded.within_28800, \
         within_86400 = it.within_86400 + excluded.within_86400, \
         within_259200 = it.within_259200 + excluded.within_259200"
);

/// Notes the place up to which events have been added.
const ROLLED_UP: &str = concat!(
    "insert into rolled_up (only_row, seq, received_at) \
     select true, $1, coalesce((select received_at ",
    from_new!(),
    " order by seq desc limit 1), (select received_at from rolled_up)) \
     on conflict (only_row) do update set seq = excluded.seq, received_at = excluded.received_at"
);

/// Reads the delivery history since `$1`, and whether there is more to roll up. The gap before the
/// first hour is left out, because it began before `$1`.
const HISTORY: &str = concat!(
    "with told as (select * from delivery_hour where hour >= $1 / 3600 and last_at >= $1) \
     select coalesce(sum(events), 0)::bigint as events, min(first_at) as first, \
         max(last_at) as last, \
         greatest(0, max(gap), \
                  max(case when hour > (select min(hour) from told) then gap_before end)) \
             as longest_gap, \
         max(own_money_at) as own_money_at, coalesce(sum(connected), 0)::bigint as connected, \
         max(connected_at) as connected_at, max(connected_account) as connected_account, ",
    last!(),
    " > ",
    since!(),
    " as more from told"
);

/// Reads the hours that begin in any of the spans from `$1` until `$2`, the first one first.
const HOURS: &str = concat!(
    "select hour, events, first_at, last_at, gap, gap_before, ",
    within_columns!(),
    " from unnest($1, $2) as span (since, until) \
     join delivery_hour on hour >= (since + 3599) / 3600 and hour < (until + 3599) / 3600 \
     order by hour"
);

/// Deletes the hours before then.
pub(crate) async fn delete_hours(
    open: &OpenConnection,
    before: UnixSeconds,
) -> Result<(), StoreError> {
    let prune = "delete from delivery_hour where hour < $1 / 3600";
    open.execute(prune, &[&before.get()]).await.map(drop)
}
