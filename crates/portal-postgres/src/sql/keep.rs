//! Statements on the derived columns of the ledger, which make it possible to read a donation from
//! one row.
//!
//! The views `payment_kept` and `invoice_kept` derive them. A row is locked by an earlier statement
//! before it is updated, so that the update sees all rows that the values follow from.

/// Updates the derived columns of the payments `$1`.
pub(crate) const PAYMENTS: &str = "select keep_payments($1)";

/// Updates the derived columns of the invoices `$1`.
pub(crate) const INVOICES: &str = "select keep_invoices($1)";

/// Reads the invoices that the payments `$1` belong to or may belong to.
pub(crate) const INVOICES_OF: &str = "select distinct invoice from link where payment = any($1)";

/// Reads the sorted ids of up to `$1` payments and invoices whose derived columns do not follow from
/// the other rows, or that lack a row.
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

/// Inserts the missing rows of payments and invoices among `$1`.
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

/// Locks the existing rows among `$1`.
pub(crate) const LOCKS: [&str; 2] = [
    "select 1 from payment where id = any($1) order by id for update",
    "select 1 from invoice where id = any($1) order by id for update",
];
