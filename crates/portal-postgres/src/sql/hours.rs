//! Statements on the hours in which deliveries came.

/// Held by whoever rolls up, to the end of the transaction: no event is counted by two. Not the lock
/// of those who change what is there, because a look does not wait for a long one of them.
pub(crate) const ONE_ROLLS_UP: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 2)";

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

/// The place up to which a step rolls up that takes `$1` of them, where there is more than is rolled
/// up. What is recorded meanwhile is the next step's.
pub(crate) const UP_TO: &str = concat!(
    "select least(last, since + $1) from (select ",
    last!(),
    " as last, ",
    since!(),
    " as since) as it where last > since"
);

/// Tells whether an event of that type is about money: by the first word, which a thin event has
/// behind `v1.`.
macro_rules! about_money {
    () => {
        "split_part(regexp_replace(type, '^v1[.]', ''), '.', 1) \
         in ('payment_intent', 'charge', 'invoice', 'invoice_payment', 'refund', 'checkout')"
    };
}

/// Adds the events up to the place `$1` to their hours.
pub(crate) const ROLL_UP: &str = concat!(
    "insert into delivery_hour as it (hour, events, first_at, last_at, gap, gap_before, \
         own_money_at, connected, connected_at, connected_account) \
     select hour, count(*), min(received_at), max(received_at), \
         greatest(0, max(case when before / 3600 = hour then received_at - before end)), \
         greatest(0, max(case when before / 3600 <> hour then received_at - before end)), \
         max(received_at) filter (where money and not connected), \
         count(*) filter (where money and connected), \
         max(received_at) filter (where money and connected), \
         max(account) filter (where money and connected) \
     from (select received_at, received_at / 3600 as hour, \
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
         connected_account = coalesce(excluded.connected_account, it.connected_account)"
);

/// Notes that they are added.
pub(crate) const ROLLED_UP: &str = concat!(
    "insert into rolled_up (only_row, seq, received_at) \
     select true, $1, coalesce((select received_at ",
    from_new!(),
    " order by seq desc limit 1), (select received_at from rolled_up)) \
     on conflict (only_row) do update set seq = excluded.seq, received_at = excluded.received_at"
);

/// How events came in since `$1`, and whether more is to be rolled up. A gap before the first hour
/// began before then.
pub(crate) const TELL: &str = concat!(
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

/// Forgets the hours before `$1`.
pub(crate) const PRUNE: &str = "delete from delivery_hour where hour < $1 / 3600";
