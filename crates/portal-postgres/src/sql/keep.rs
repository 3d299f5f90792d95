//! Statements on what is kept of the ledger: columns that follow from other rows, so that donations
//! are read from their own row.
//!
//! The views `payment_kept` and `invoice_kept` derive each in one place. Whoever brings a row up to date
//! has locked it by a statement before, so that it sees all that the row follows from.

/// Brings the payments `$1` up to date.
pub(crate) const PAYMENTS: &str = "select keep_payments($1)";

/// Brings the invoices `$1` up to date.
pub(crate) const INVOICES: &str = "select keep_invoices($1)";

/// The invoices that the payments `$1` belong to, or may.
pub(crate) const INVOICES_OF: &str = "select distinct invoice from link where payment = any($1)";

/// The ids, in their order, of up to `$1` payments and invoices whose kept columns are not what follows
/// from the other rows, and of those that lack a row.
pub(crate) const CHECK: &str = "\
    select id from ( \
        select id from payment p join payment_kept k using (id) \
        where (p.link, p.invoice, p.refunded, p.lost, p.lost_in, p.dispute) \
            is distinct from (k.link, k.invoice, k.refunded, k.lost, k.lost_in, k.dispute) \
        union select payment from (select payment from link union select payment from refund \
            union select payment from dispute) as it \
        where not exists (select 1 from payment where id = it.payment) \
        union select id from invoice i join invoice_kept k using (id) \
        where (i.payments_paid, i.payments_progress, i.payments_amount, \
               i.payments_currency, i.payments_livemode, i.payments_at, \
               i.refunded, i.payments_lost, i.payments_dispute) \
            is distinct from (k.payments_paid, k.payments_progress, k.payments_amount, \
               k.payments_currency, k.payments_livemode, k.payments_at, \
               k.refunded, k.payments_lost, k.payments_dispute) \
        union select invoice from link \
        where not exists (select 1 from invoice where id = link.invoice) \
    ) as it order by id collate \"C\" limit $1";

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
