//! Statements on the hours of deliveries.

use portal_domain::ports::ROLLED_UP_MAX;
use portal_domain::{HourSpan, UnixSeconds, within_columns};

use crate::sql::{Statement, values};

/// The last event that is rolled up.
macro_rules! since {
    () => {
        "(select coalesce(max(seq), 0) from rolled_up)"
    };
}

/// The last event in the inbox.
macro_rules! last {
    () => {
        "(select coalesce(max(seq), 0) from event)"
    };
}

/// The last event of the next step, which rolls up `?1` sequence numbers.
macro_rules! up_to {
    () => {
        concat!("min(", last!(), ", ", since!(), " + ?1)")
    };
}

/// The events of the next step.
macro_rules! from_new {
    () => {
        concat!(
            "from event where seq > ",
            since!(),
            " and seq <= ",
            up_to!(),
            " and origin = 'delivered' and type <> 'donation_portal.doctor'"
        )
    };
}

/// True if an event of that type is about money, by the first word, which a thin event has behind
/// `v1.`. (`in` would make a table of the six, and D1 bills each lookup in it as a row.)
macro_rules! about_money {
    () => {
        "case substr(replace(type, 'v1.', ''), 1, instr(replace(type, 'v1.', ''), '.') - 1) \
             when 'payment_intent' then 1 when 'charge' then 1 when 'invoice' then 1 \
             when 'invoice_payment' then 1 when 'refund' then 1 when 'checkout' then 1 \
             else 0 end"
    };
}

/// The values of [`within_columns`], counted.
macro_rules! count_within {
    () => {
        "sum(delay <= 1), sum(delay <= 5), sum(delay <= 15), sum(delay <= 60), \
         sum(delay <= 600), sum(delay <= 3600), sum(delay <= 10800), sum(delay <= 28800), \
         sum(delay <= 86400), sum(delay <= 259200)"
    };
}

/// The same, added to those of an hour that is there.
macro_rules! add_within {
    () => {
        "within_1 = within_1 + excluded.within_1, \
         within_5 = within_5 + excluded.within_5, \
         within_15 = within_15 + excluded.within_15, \
         within_60 = within_60 + excluded.within_60, \
         within_600 = within_600 + excluded.within_600, \
         within_3600 = within_3600 + excluded.within_3600, \
         within_10800 = within_10800 + excluded.within_10800, \
         within_28800 = within_28800 + excluded.within_28800, \
         within_86400 = within_86400 + excluded.within_86400, \
         within_259200 = within_259200 + excluded.within_259200"
    };
}

/// Rolls up new events, up to [`ROLLED_UP_MAX`] sequence numbers, and returns the history of
/// deliveries since then.
///
/// The history is the result of the last statement, in the order of
/// [`portal_domain::row_decode::delivery_history`].
pub(super) fn roll_up(since: UnixSeconds) -> [Statement<'static>; 3] {
    let add = concat!(
        "insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before, \
             own_money_at, connected, connected_at, connected_account, ",
        within_columns!(),
        ") select hour, count(*), min(received_at), max(received_at), \
             max(0, coalesce(max(case when before / 3600 = hour then received_at - before end), 0)), \
             max(0, coalesce(max(case when before / 3600 <> hour then received_at - before end), 0)), \
             max(case when money and not connected then received_at end), \
             count(case when money and connected then 1 end), \
             max(case when money and connected then received_at end), \
             max(case when money and connected then account end), ",
        count_within!(),
        " from (select received_at, received_at / 3600 as hour, received_at - created as delay, \
                   coalesce(lag(received_at) over (order by seq), \
                            (select received_at from rolled_up)) as before, \
                   account, reason is 'connected_account' as connected, ",
        about_money!(),
        " as money ",
        from_new!(),
        ") where true group by hour \
         on conflict (hour) do update set events = events + excluded.events, \
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at), \
             gap = max(gap, excluded.gap), gap_before = max(gap_before, excluded.gap_before), \
             own_money_at = coalesce(max(own_money_at, excluded.own_money_at), \
                                     own_money_at, excluded.own_money_at), \
             connected = connected + excluded.connected, \
             connected_at = coalesce(max(connected_at, excluded.connected_at), \
                                     connected_at, excluded.connected_at), \
             connected_account = coalesce(excluded.connected_account, connected_account), ",
        add_within!()
    );
    let mark = concat!(
        "insert into rolled_up (only_row, seq, received_at) \
         select 1, ",
        up_to!(),
        ", coalesce((select received_at ",
        from_new!(),
        " order by seq desc limit 1), (select received_at from rolled_up)) where ",
        last!(),
        " > ",
        since!(),
        " on conflict (only_row) do update set seq = excluded.seq, \
             received_at = excluded.received_at"
    );
    // A gap before the first hour began before the requested time.
    let tell = concat!(
        "with told as (select * from delivery_hour where hour >= ?2 and last_at >= ?1) \
         select coalesce(sum(events), 0) as events, min(first_at) as first, max(last_at) as last, \
             max(coalesce(max(gap), 0), \
                 coalesce(max(case when hour > (select min(hour) from told) then gap_before end), 0)) \
                 as longest_gap, \
             max(own_money_at) as own_money_at, coalesce(sum(connected), 0) as connected, \
             max(connected_at) as connected_at, max(connected_account) as connected_account, ",
        last!(),
        " > ",
        since!(),
        " as more from told"
    );
    [
        Statement::new(add, values![ROLLED_UP_MAX]),
        Statement::new(mark, values![ROLLED_UP_MAX]),
        Statement::new(tell, values![since.get(), hour(since)]),
    ]
}

/// Returns the hours that begin within any of the spans, the first one first.
///
/// The columns are those of [`portal_domain::row_decode::delivery_hour`].
pub(super) fn within(spans: &[HourSpan]) -> Statement<'static> {
    let mut hours = Statement::plain(concat!(
        "select hour, events, first_at, last_at, gap, gap_before, ",
        within_columns!(),
        " from delivery_hour where "
    ));
    // Nothing but the terms, so that each is a search by the primary key.
    hours.push(&vec!["hour >= ? and hour < ?"; spans.len()].join(" or "));
    hours.push(" order by hour");
    hours.values = spans.iter().flatten().map(|at| hour_from(*at).into()).collect();
    hours
}

/// Deletes the hours before then.
pub(in crate::store) fn delete_before(before: UnixSeconds) -> Statement<'static> {
    Statement::new("delete from delivery_hour where hour < ?1", values![hour(before)])
}

/// Moves back to the last event that is left after events were deleted, because SQLite assigns the
/// sequence numbers after it again.
pub(in crate::store) fn go_back() -> Statement<'static> {
    Statement::plain(concat!("update rolled_up set seq = ", last!(), " where seq > ", last!()))
}

/// Returns the hours since 1970. The program divides, because D1 takes every number for a float.
fn hour(at: UnixSeconds) -> i64 {
    at.get().div_euclid(3600)
}

/// Returns the first hour that begins at that time or later.
fn hour_from(at: UnixSeconds) -> i64 {
    hour(at) + i64::from(at.get() % 3600 != 0)
}
