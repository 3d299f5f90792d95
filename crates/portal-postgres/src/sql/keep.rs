//! Statements on what is kept of the ledger: columns that follow from other rows, so that donations
//! are read from their own row.
//!
//! Each is derived in one place here, which brings it up to date and which checks it. Whoever brings a
//! row up to date has locked it by a statement before, so that it sees all that the row follows from.

/// Of a payment `p`: its firmest link, and what refunds and disputes took. Refunds are known one by
/// one and as each charge's running total; either may be incomplete, so the greater counts, and a
/// total contains what failed after it if that was made before it.
macro_rules! of_payment {
    () => {
        "coalesce((select evidence from link l where l.payment = p.id \
                   order by evidence, invoice limit 1), 100), \
         coalesce((select invoice from link l where l.payment = p.id \
                   order by evidence, invoice limit 1), ''), \
         greatest( \
             (select coalesce(sum(r.amount), 0) from refund r \
              where r.payment = p.id and not r.total and r.progress in ('paid', 'pending')), \
             (select coalesce(sum(greatest(0, t.amount - ( \
                  select coalesce(sum(f.amount), 0) from refund f \
                  where f.charge = t.id and not f.total and f.progress in ('failed', 'canceled') \
                    and f.made_at <= t.at and f.at >= t.at))), 0) \
              from refund t where t.payment = p.id and t.total))::bigint, \
         (select coalesce(sum(d.amount), 0) from dispute d \
          where d.payment = p.id and d.state = 'lost')::bigint, \
         (select case when min(d.currency) = max(d.currency) then min(d.currency) else '' end \
          from dispute d where d.payment = p.id and d.state = 'lost' having count(*) > 0), \
         (select coalesce(max(case d.state when 'inquiry' then 1 when 'won' then 2 \
                                           when 'lost' then 3 when 'open' then 4 end), 0) \
          from dispute d where d.payment = p.id)::bigint"
    };
}

/// The columns of [`of_payment`].
macro_rules! payment_columns {
    () => {
        "link, invoice, refunded, lost, lost_in, dispute"
    };
}

/// The payments `p` that belong to an invoice `i`: certainly, or by a hint that leads to an invoice
/// which was paid with just this much.
macro_rules! payments_of_invoice {
    () => {
        "left join payment p on p.invoice = i.id and p.invoice <> '' and ( \
             p.link < 50 \
             or p.link = 70 and p.no_invoice > 70 and i.progress = 'paid' and not i.out_of_band \
                and p.amount = i.amount and p.currency = i.currency and p.livemode = i.livemode) "
    };
}

/// Of an invoice: what its payments `p` come to. Of one that has not told its own amount anything may
/// have gone back: the invoice says how much. What was lost in another currency cannot be told from
/// here: all of it may be gone.
macro_rules! of_invoice {
    () => {
        "sum(case when p.progress = 'paid' then p.amount end)::bigint as payments_paid, \
         case when bool_or(p.progress = 'pending') then 'pending' \
              when bool_or(p.progress = 'failed') then 'failed' end as payments_progress, \
         coalesce(max(p.amount), 0) as payments_amount, min(p.currency) as payments_currency, \
         bool_and(p.livemode) as payments_livemode, \
         coalesce(min(case when p.progress = 'paid' then p.at end), max(p.at)) as payments_at, \
         coalesce(sum(case when p.progress is null then p.refunded \
                           else least(p.refunded, p.amount) end), 0)::bigint as payments_refunded, \
         coalesce(sum(case when p.lost = 0 or p.progress is null or p.lost_in = p.currency \
                           then p.lost else p.amount end), 0)::bigint as payments_lost, \
         coalesce(max(p.dispute), 0) as payments_dispute"
    };
}

/// The columns of [`of_invoice`], with a prefix each.
macro_rules! invoice_columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "payments_paid, ",
            $prefix,
            "payments_progress, ",
            $prefix,
            "payments_amount, ",
            $prefix,
            "payments_currency, ",
            $prefix,
            "payments_livemode, ",
            $prefix,
            "payments_at, ",
            $prefix,
            "payments_refunded, ",
            $prefix,
            "payments_lost, ",
            $prefix,
            "payments_dispute"
        )
    };
}

/// Brings the payments `$1` up to date.
pub(crate) const PAYMENTS: &str = concat!(
    "update payment p set (",
    payment_columns!(),
    ") = (select ",
    of_payment!(),
    ") where id = any($1)"
);

/// Brings the invoices `$1` up to date.
pub(crate) const INVOICES: &str = concat!(
    "update invoice set (",
    invoice_columns!(""),
    ") = (",
    invoice_columns!("k."),
    ") from (select i.id, ",
    of_invoice!(),
    " from invoice i ",
    payments_of_invoice!(),
    "where i.id = any($1) group by i.id) k where invoice.id = k.id and (",
    invoice_columns!("invoice."),
    ") is distinct from (",
    invoice_columns!("k."),
    ")"
);

/// The ids, in their order, of up to `$1` payments and invoices whose kept columns are not what follows
/// from the other rows, and of those that lack a row.
pub(crate) const CHECK: &str = concat!(
    "select id from (select id from payment p where (",
    payment_columns!(),
    ") is distinct from (",
    of_payment!(),
    ") union select payment from (select payment from link union select payment from refund \
         union select payment from dispute) as it \
     where not exists (select 1 from payment where id = it.payment) \
     union select i.id from invoice i join (select i.id, ",
    of_invoice!(),
    " from invoice i ",
    payments_of_invoice!(),
    "group by i.id) k on k.id = i.id where (",
    invoice_columns!("i."),
    ") is distinct from (",
    invoice_columns!("k."),
    ") union select invoice from link \
       where not exists (select 1 from invoice where id = link.invoice)) as it \
       order by id collate \"C\" limit $1"
);

/// Makes the rows that payments and invoices among `$1` lack.
pub(crate) const ROWS: [&str; 2] = [
    "insert into payment (id) \
     select id from unnest($1::text[]) as it (id) \
     where exists (select 1 from link where payment = it.id) \
        or exists (select 1 from refund where payment = it.id) \
        or exists (select 1 from dispute where payment = it.id) \
     order by id collate \"C\" on conflict (id) do nothing",
    "insert into invoice (id) select distinct invoice from link where invoice = any($1) \
     order by invoice on conflict (id) do nothing",
];

/// Locks those that are there.
pub(crate) const LOCKS: [&str; 2] = [
    "select 1 from payment where id = any($1) order by id for update",
    "select 1 from invoice where id = any($1) order by id for update",
];
