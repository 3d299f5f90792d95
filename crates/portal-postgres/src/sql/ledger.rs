//! Statements on the ledger. A row is replaced by a view of it that counts more, never by another.

/// Writes payments, links and invoices; see `change_ledger` in the schema.
pub(crate) const CHANGE: &str = "select change_ledger($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)";

/// The payments whose charges `$1` have a running total.
pub(crate) const PAYMENTS_OF_CHARGES: &str = "select payment from refund where id = any($1)";

/// A refund, or a charge's running total, as an event saw it. Of two totals in one second the
/// greater counts.
pub(crate) const REFUND: &str = "\
    insert into refund (id, payment, charge, total, progress, amount, released, currency, livemode, \
        made_at, at, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
        total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
        released = excluded.released, currency = excluded.currency, \
        livemode = excluded.livemode, made_at = excluded.made_at, at = excluded.at, version = excluded.version, event_id = excluded.event_id \
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

/// What was given back outside Stripe, as an event saw it.
pub(crate) const CREDIT_NOTE: &str = "\
    insert into credit_note (id, invoice, amount, version, event_id) \
    values ($1, $2, $3, $4, $5) \
    on conflict (id) do update set invoice = excluded.invoice, amount = excluded.amount, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (credit_note.version, credit_note.event_id)";

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
