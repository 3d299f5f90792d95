//! Statements on the ledger. A row is replaced only by a view with a greater version.

/// Writes payments, links and invoices; see `change_ledger` in the schema.
pub(crate) const CHANGE: &str = "select change_ledger($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)";

/// Reads the payments of the charges `$1` that have a running total.
pub(crate) const PAYMENTS_OF_CHARGES: &str = "select payment from refund where id = any($1)";

/// Writes an event's view of a refund or of a charge's running total. Of two totals in one second the
/// greater one counts.
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

/// Writes an event's view of a dispute.
pub(crate) const DISPUTE: &str = "\
    insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8) \
    on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
        amount = excluded.amount, currency = excluded.currency, livemode = excluded.livemode, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)";

/// Writes an event's view of a credit note, as far as it was refunded outside Stripe.
pub(crate) const CREDIT_NOTE: &str = "\
    insert into credit_note (id, invoice, amount, version, event_id) \
    values ($1, $2, $3, $4, $5) \
    on conflict (id) do update set invoice = excluded.invoice, amount = excluded.amount, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (credit_note.version, credit_note.event_id)";

/// The columns of a donation, in the order in which they are read.
macro_rules! columns {
    () => {
        "id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, \
         out_of_band, livemode, at"
    };
}

/// Reads for each id in `$1` the donation with this id, or else the one that the payment with this id
/// belongs to, together with the place of the id in the array.
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

/// Reads the donation `$1` with the rows that it follows from, as JSON. `of_it` are its payments, each
/// with the evidence of its link.
pub(crate) const DONATION_ROWS: &str = concat!(
    "with given as materialized ( \
         select ",
    columns!(),
    " from donation_by_payment where id = $1 union all select ",
    columns!(),
    " from donation_by_invoice where id = $1 limit 1), \
     of_it as materialized ( \
         select id as payment, null::bigint as evidence from given where kind = 'one_time' \
         union all \
         select l.payment, l.evidence \
         from given join invoice i on i.id = given.id join link l on l.invoice = i.id \
             and (l.evidence < 50 or l.evidence = 70 \
                 and l.payment = (select e.payment from explained e where e.invoice = i.id)) \
         where kind <> 'one_time') \
     select ",
    columns!(),
    ", json_build_object( \
         'invoice', (select json_build_object('progress', i.progress, 'amount', i.amount, \
                 'paid', i.paid, 'currency', i.currency, 'event', nullif(i.event_id, '')) \
             from invoice i where i.id = given.id and given.kind <> 'one_time'), \
         'payments', (select coalesce(json_agg(json_build_object('id', p.id, \
                 'progress', p.progress, 'amount', p.amount, 'currency', p.currency, \
                 'at', p.at, 'refunded', p.refunded, 'lost', p.lost, 'lost_in', p.lost_in, \
                 'evidence', o.evidence, 'event', nullif(p.event_id, ''))), '[]') \
             from of_it o join payment p on p.id = o.payment), \
         'refunds', (select coalesce(json_agg(json_build_object('id', r.id, \
                 'payment', r.payment, 'charge', r.charge, 'progress', r.progress, \
                 'amount', r.amount, 'currency', r.currency, 'made_at', r.made_at, \
                 'at', r.at, 'event', nullif(r.event_id, ''))), '[]') \
             from refund r where not r.total and r.id in ( \
                 select id from refund where payment in (select payment from of_it) \
                 union select f.id from refund t join refund f on f.charge = t.id \
                 where t.payment in (select payment from of_it) and t.total \
                     and f.progress in ('failed', 'canceled'))), \
         'charge_totals', (select coalesce(json_agg(json_build_object('charge', r.id, \
                 'payment', r.payment, 'amount', r.amount, 'released', r.released, \
                 'currency', r.currency, 'at', r.at, 'event', nullif(r.event_id, ''))), '[]') \
             from refund r where r.total and r.payment in (select payment from of_it)), \
         'credit_notes', (select coalesce(json_agg(json_build_object('id', c.id, \
                 'amount', c.amount, 'event', nullif(c.event_id, ''))), '[]') \
             from credit_note c where c.invoice = given.id and given.kind <> 'one_time'), \
         'disputes', (select coalesce(json_agg(json_build_object('id', d.id, \
                 'payment', d.payment, 'state', d.state, 'amount', d.amount, \
                 'currency', d.currency, 'event', nullif(d.event_id, ''))), '[]') \
             from dispute d where d.payment in (select payment from of_it)), \
         'links', (select coalesce(json_agg(json_build_object('payment', l.payment, \
                 'invoice', l.invoice, 'share', l.share)), '[]') \
             from of_it o join link l on l.payment = o.payment where l.evidence < 50))::text \
         as ledger \
     from given"
);

/// Reads the payments of the refund, the dispute or the charge with a running total that has the id
/// `$1`, and the invoice of the credit note with this id.
pub(crate) const PARENTS_OF: &str = "\
    select payment as id from refund where id = $1 \
    union select payment from dispute where id = $1 \
    union select invoice from credit_note where id = $1 order by id";

/// Reads donations of one part; its conditions follow.
pub(crate) const DONATIONS: &str = concat!("select ", columns!(), " from ");

/// Reads the totals of one part; its conditions and [`BY_CURRENCY`] follow.
pub(crate) const TOTALS: &str = "\
    select currency, kind, livemode, count(*) as count, sum(amount)::bigint as gross, \
        sum(refunded)::bigint as refunded, sum(lost)::bigint as lost, sum(net)::bigint as net from ";

/// The groups of [`TOTALS`].
pub(crate) const BY_CURRENCY: &str = " group by currency, kind, livemode";
