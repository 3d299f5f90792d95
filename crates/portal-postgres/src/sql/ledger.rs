//! Statements on the ledger. A row is replaced by a view of it that counts more, never by another.
//!
//! Payments and invoices come many at a time, as a column of each array, each once and in the order of
//! their ids: so two processes that write the same ones wait for each other, and never both.

/// Payments, or what is known of their invoices, or both, or nothing but that others have told of them.
/// Each replaces what is there where it counts more: of two views of the payment the greater (version,
/// event), of two links the lesser (evidence, invoice), of two pieces of evidence that there is none
/// the lesser. Returns those that have a link.
///
/// Also the rows that stay as they are are locked, so that what is kept of them can be derived.
pub(crate) const PAYMENTS: &str = "\
    insert into payment as p (id, progress, amount, currency, livemode, at, version, event_id, \
        no_invoice, link, invoice) \
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], \
        $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::text[]) \
    on conflict (id) do update set \
        progress = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.progress else p.progress end, \
        amount = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.amount else p.amount end, \
        currency = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.currency else p.currency end, \
        livemode = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.livemode else p.livemode end, \
        at = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.at else p.at end, \
        version = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.version else p.version end, \
        event_id = case when (excluded.version, excluded.event_id) > (p.version, p.event_id) \
            then excluded.event_id else p.event_id end, \
        link = case when (excluded.link, excluded.invoice) < (p.link, p.invoice) \
            then excluded.link else p.link end, \
        invoice = case when (excluded.link, excluded.invoice) < (p.link, p.invoice) \
            then excluded.invoice else p.invoice end, \
        no_invoice = least(p.no_invoice, excluded.no_invoice) \
    where (excluded.version, excluded.event_id) > (p.version, p.event_id) \
        or (excluded.link, excluded.invoice) < (p.link, p.invoice) \
        or excluded.no_invoice < p.no_invoice \
    returning case when link < 100 then id end";

/// Which invoices payments belong to.
pub(crate) const LINKS: &str = "\
    insert into link (payment, invoice, evidence) \
    select * from unnest($1::text[], $2::text[], $3::bigint[]) \
    on conflict (payment, invoice) do update set evidence = excluded.evidence \
    where excluded.evidence < link.evidence";

/// The invoices that the payments `$1` belong to, or may.
pub(crate) const INVOICES_OF: &str = "select distinct invoice from link where payment = any($1)";

/// The payments whose charges `$1` have a running total.
pub(crate) const PAYMENTS_OF_CHARGES: &str = "select payment from refund where id = any($1)";

/// Invoices as events saw them, or that only payments have told of so far. Also the rows that stay as
/// they are are locked.
pub(crate) const INVOICES: &str = "\
    insert into invoice (id, progress, amount, currency, livemode, recurring, out_of_band, at, \
        version, event_id) \
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], \
        $6::boolean[], $7::boolean[], $8::bigint[], $9::bigint[], $10::text[]) \
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
macro_rules! columns {
    () => {
        "id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, \
         out_of_band, livemode, at"
    };
}

/// For each id of `$1` the donation of that id, or else the one that the payment of that id belongs
/// to, with its place in the array.
pub(crate) const DONATIONS_OF: &str = concat!(
    "select it.*, asked.place from unnest($1::text[]) with ordinality as asked (id, place) \
     cross join lateral (select ",
    columns!(),
    " from (select 1 as choice, d.* from donation_by_payment d where d.id = asked.id \
            union all \
            select 1, d.* from donation_by_invoice d where d.id = asked.id \
            union all \
            select 2, d.* from payment p join donation_by_invoice d on d.id = p.invoice \
            where p.id = asked.id and p.link < p.no_invoice) as either \
         order by choice limit 1) as it"
);

/// Donations of one part; its terms follow.
pub(crate) const DONATIONS: &str = concat!("select ", columns!(), " from ");

/// What donations of one part come to; its terms and [`BY_CURRENCY`] follow.
pub(crate) const TOTALS: &str = "\
    select currency, kind, livemode, count(*) as count, sum(amount)::bigint as gross, \
        sum(refunded)::bigint as refunded, sum(lost)::bigint as lost, sum(net)::bigint as net from ";

/// The groups of [`TOTALS`].
pub(crate) const BY_CURRENCY: &str = " group by currency, kind, livemode";
