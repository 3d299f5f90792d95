//! Statements on the ledger. A row is replaced by a view of it that counts more, never by another.
//!
//! Payments, links and invoices come many at a time, as a column of each array. A statement changes a
//! row once, so of several views of one row only the one that counts most is taken.

/// Payments as events saw them.
pub(crate) const PAYMENTS: &str = "\
    insert into payment (id, progress, amount, currency, livemode, at, version, event_id) \
    select distinct on (id collate \"C\") it.* \
    from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::bigint[], \
        $7::bigint[], $8::text[]) \
        as it (id, progress, amount, currency, livemode, at, version, event_id) \
    order by id collate \"C\", version desc, event_id collate \"C\" desc \
    on conflict (id) do update set progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, at = excluded.at, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (payment.version, payment.event_id)";

/// Which invoices payments belong to; `''` where the evidence says that there is none.
pub(crate) const LINKS: &str = "\
    insert into payment (id, evidence, invoice) \
    select distinct on (id collate \"C\") it.* \
    from unnest($1::text[], $2::bigint[], $3::text[]) as it (id, evidence, invoice) \
    order by id collate \"C\", evidence, invoice collate \"C\" \
    on conflict (id) do update set evidence = excluded.evidence, invoice = excluded.invoice \
    where (excluded.evidence, excluded.invoice) < (payment.evidence, payment.invoice)";

/// Invoices that only payments have told of so far.
pub(crate) const LINKED_INVOICES: &str = "\
    insert into invoice (id) select distinct unnest($1::text[]) on conflict (id) do nothing";

/// Invoices as events saw them.
pub(crate) const INVOICES: &str = "\
    insert into invoice (id, progress, amount, currency, livemode, recurring, out_of_band, at, \
        version, event_id) \
    select distinct on (id collate \"C\") it.* \
    from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::boolean[], \
        $7::boolean[], $8::bigint[], $9::bigint[], $10::text[]) \
        as it (id, progress, amount, currency, livemode, recurring, out_of_band, at, version, \
            event_id) \
    order by id collate \"C\", version desc, event_id collate \"C\" desc \
    on conflict (id) do update set progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, \
        recurring = excluded.recurring, out_of_band = excluded.out_of_band, at = excluded.at, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (invoice.version, invoice.event_id)";

/// A refund, or a charge's running total, as an event saw it. Of two totals in one second the
/// greater counts.
pub(crate) const REFUND: &str = "\
    insert into refund (id, payment, charge, total, progress, amount, currency, livemode, made_at, \
        at, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
        total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, made_at = excluded.made_at, \
        at = excluded.at, version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.amount, excluded.event_id) \
        > (refund.version, refund.amount, refund.event_id)";

/// A dispute as an event saw it.
pub(crate) const DISPUTE: &str = "\
    insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8) \
    on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
        amount = excluded.amount, currency = excluded.currency, livemode = excluded.livemode, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)";

/// A donation's columns, in the order in which they are read.
macro_rules! select_donation {
    ($from:literal) => {
        concat!(
            "select id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, ",
            "out_of_band, livemode, at from ",
            $from
        )
    };
}

/// For each id of `$1` the donation of that id, or else the one that the payment of that id belongs
/// to, with its place in the array. Each is looked up by itself: joined to the view, they would have
/// all donations made first.
pub(crate) const DONATIONS_OF: &str = concat!(
    "select it.*, wanted.place from unnest($1::text[]) with ordinality as wanted (id, place) \
     cross join lateral (",
    select_donation!(
        "(select 1 as choice, d.* from donation d where d.id = wanted.id \
          union all \
          select 2 as choice, d.* from donation d where d.id = \
              (select p.invoice from payment p where p.id = wanted.id and p.invoice <> '')) \
         as either order by choice limit 1"
    ),
    ") as it"
);

/// Donations; terms follow.
pub(crate) const DONATIONS: &str = select_donation!("donation where true");

/// What donations come to; terms and [`BY_CURRENCY`] follow.
pub(crate) const TOTALS: &str = "\
    select currency, kind, livemode, count(*) as count, sum(amount)::bigint as gross, \
        sum(refunded)::bigint as refunded, sum(lost)::bigint as lost, sum(net)::bigint as net \
    from donation where state = 'paid' and not provisional";

/// The groups of [`TOTALS`], in their order.
pub(crate) const BY_CURRENCY: &str =
    " group by currency, kind, livemode order by currency, kind collate \"C\", livemode";
