//! Statements on the kept columns of the ledger, which follow from other rows, so that a donation
//! is read from its own row.
//!
//! Each column is derived in one place here, both to update and to check it.

use portal_domain::ObjectId;

use crate::sql::guard::{Guard, guarded};
use crate::sql::{Statement, values};

/// The kept columns of a payment `p`: its firmest link, and the amounts of refunds and disputes.
/// Refunds are known singly and as the running total of each charge; either may be incomplete, so
/// the greater sum counts. A total contains a refund that failed after it if that was created
/// before it, and one of the refunds may be the released part of an authorisation.
macro_rules! of_payment {
    () => {
        "coalesce((select evidence from link l where l.payment = p.id \
                   order by evidence, invoice limit 1), 100), \
         coalesce((select invoice from link l where l.payment = p.id \
                   order by evidence, invoice limit 1), ''), \
         max( \
             (select coalesce(sum(iif(r.total, -r.released, r.amount)), 0) from refund r \
              where r.payment = p.id and r.progress in ('paid', 'pending')), \
             (select coalesce(sum(max(0, t.amount - ( \
                  select coalesce(sum(f.amount), 0) from refund f \
                  where f.charge = t.id and not f.total and f.progress in ('failed', 'canceled') \
                    and f.made_at <= t.at and f.at >= t.at))), 0) \
              from refund t where t.payment = p.id and t.total)), \
         (select coalesce(sum(d.amount), 0) from dispute d \
          where d.payment = p.id and d.state = 'lost'), \
         (select iif(min(d.currency) = max(d.currency), min(d.currency), '') from dispute d \
          where d.payment = p.id and d.state = 'lost' having count(*) > 0), \
         (select coalesce(max(case d.state when 'inquiry' then 1 when 'won' then 2 \
                                           when 'lost' then 3 when 'open' then 4 end), 0) \
          from dispute d where d.payment = p.id)"
    };
}

/// The names of the columns of [`of_payment`].
macro_rules! payment_columns {
    () => {
        "link, invoice, refunded, lost, lost_in, dispute"
    };
}

/// The payments `p` of an invoice `i`: linked certainly, or by a hint that the invoice confirms.
macro_rules! payments_of_invoice {
    () => {
        "left join link l on l.invoice = i.id and (l.evidence < 50 or l.evidence = 70 \
             and l.payment = (select e.payment from explained e where e.invoice = i.id)) \
         left join payment p on p.id = l.payment "
    };
}

/// The part `up_to` of `whole` of a number, rounded down. The product may overflow, so it is
/// computed in two digits of 20 bits.
macro_rules! proportion {
    ($number:literal) => {
        concat!(
            "((",
            $number,
            " * (up_to >> 20) / whole) << 20) + (((",
            $number,
            " * (up_to >> 20) % whole) << 20) + ",
            $number,
            " * (up_to & 1048575)) / whole"
        )
    };
}

/// Divides a payment `p` among its invoices. Each invoice has its known share; the rest belongs to
/// an invoice without a known share, or else to the first. The refunded sum, and the sum of refunds
/// and losses, are divided in proportion, in the order of the invoices: so the parts add up
/// exactly, and nothing remains of a payment that is gone completely. A payment without an event of
/// its own counts as one unit, so that its refunds are not left out.
///
/// (A view would compute this for all payments, because SQLite pushes no condition on another
/// table's column into a view with window functions.)
macro_rules! divided {
    () => {
        concat!(
            "(with shared as ( \
                 select invoice, share, sum(share) over () as shares, \
                     row_number() over (order by share > 0, invoice) as place \
                 from link where payment = p.id and evidence < 50), \
             whole as ( \
                 select invoice, share, shares, place, max(p.amount, shares) as amount, \
                     max(1, p.amount, shares) as whole from shared), \
             divided as ( \
                 select invoice, whole, share + iif(place = 1, amount - shares, 0) as amount, \
                     sum(share + iif(place = 1, whole - shares, 0)) over (order by invoice) as up_to, \
                     iif(p.progress is null, p.refunded, min(p.refunded, whole)) as refunded, \
                     iif(p.progress is null, p.refunded + p.lost, \
                         min(whole, min(p.refunded, whole) \
                             + iif(p.lost = 0 or p.lost_in = p.currency, p.lost, whole))) as gone \
                 from whole), \
             cumulated as (select invoice, amount, ",
            proportion!("refunded"),
            " as refunded, ",
            proportion!("gone"),
            " as gone from divided) \
             select invoice, amount, \
                 refunded - lag(refunded, 1, 0) over (order by invoice) as refunded, \
                 gone - refunded - lag(gone - refunded, 1, 0) over (order by invoice) as lost \
             from cumulated)"
        )
    };
}

/// The amount or the refunded sum of a payment: the whole, or this invoice's portion if it has
/// several.
macro_rules! portion {
    ($column:literal, $all:literal) => {
        concat!(
            "iif(exists (select 1 from link o where o.payment = p.id and o.invoice <> i.id \
                             and o.evidence < 50), \
                 (select ",
            $column,
            " from ",
            divided!(),
            " where invoice = i.id), ",
            $all,
            ")"
        )
    };
}

/// The kept columns of an invoice: the sums of its payments `p`, and its credit notes. Without an
/// amount of its own, the refunds of a payment are not limited. A loss in another currency cannot
/// be converted, so the whole payment counts as lost.
macro_rules! of_invoice {
    () => {
        concat!(
            "sum(iif(p.progress = 'paid', ",
            portion!("amount", "p.amount"),
            ", null)), \
             case when max(p.progress = 'pending') then 'pending' \
                  when max(p.progress = 'failed') then 'failed' end, \
             coalesce(max(",
            portion!("amount", "p.amount"),
            "), 0), min(p.currency), min(p.livemode), \
             coalesce(min(iif(p.progress = 'paid', p.at, null)), max(p.at)), \
             coalesce(sum(",
            portion!("refunded", "iif(p.progress is null, p.refunded, min(p.refunded, p.amount))"),
            "), 0) + (select coalesce(sum(c.amount), 0) from credit_note c where c.invoice = i.id), \
             coalesce(sum(",
            portion!(
                "lost",
                "iif(p.lost = 0 or p.progress is null or p.lost_in = p.currency, p.lost, p.amount)"
            ),
            "), 0), coalesce(max(p.dispute), 0)"
        )
    };
}

/// The names of the columns of [`of_invoice`], each with a prefix.
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
            "refunded, ",
            $prefix,
            "payments_lost, ",
            $prefix,
            "payments_dispute"
        )
    };
}

macro_rules! insert_into_invoice {
    () => {
        concat!(
            "insert into invoice (id, ",
            invoice_columns!(""),
            ") select i.id, ",
            of_invoice!(),
            " from "
        )
    };
}

/// Limits an update to the rows that differ, because D1 bills each written row.
macro_rules! where_it_differs {
    () => {
        concat!(
            " group by i.id on conflict (id) do update set (",
            invoice_columns!(""),
            ") = (",
            invoice_columns!("excluded."),
            ") where (",
            invoice_columns!("invoice."),
            ") is not (",
            invoice_columns!("excluded."),
            ")"
        )
    };
}

/// Inserts a payment that only other objects have named so far.
pub(super) fn payment_row<'v>(payment: &'v ObjectId, guard: Guard<'v>) -> Statement<'v> {
    let row = guarded!(
        guard,
        "insert into payment (id) select ?1 where ",
        " on conflict (id) do nothing"
    );
    guard.bind(Statement::new(row, values![payment.as_str()]))
}

/// Inserts an invoice that only payments have named so far.
pub(super) fn invoice_row<'v>(invoice: &'v ObjectId, guard: Guard<'v>) -> Statement<'v> {
    let row = guarded!(
        guard,
        "insert into invoice (id) select ?1 where ",
        " on conflict (id) do nothing"
    );
    guard.bind(Statement::new(row, values![invoice.as_str()]))
}

/// Updates the kept columns of a payment, and of the payment whose charge has that running total.
pub(super) fn payment<'v>(
    payment: &'v ObjectId,
    charge: Option<&'v ObjectId>,
    guard: Guard<'v>,
) -> Statement<'v> {
    let keep = guarded!(
        guard,
        concat!(
            "update payment as p set (",
            payment_columns!(),
            ") = (select ",
            of_payment!(),
            ") where id in (?1, (select payment from refund where id = ?2)) and "
        ),
        ""
    );
    let values = values![payment.as_str(), charge.map(ObjectId::as_str)];
    guard.bind(Statement::new(keep, values))
}

/// Updates the kept columns of the invoices of a payment, and of those of the payment whose charge
/// has that running total.
pub(super) fn invoices_of<'v>(
    payment: &'v ObjectId,
    charge: Option<&'v ObjectId>,
    guard: Guard<'v>,
) -> Statement<'v> {
    let keep = guarded!(
        guard,
        concat!(
            insert_into_invoice!(),
            "(select distinct invoice from link \
              where payment in (?1, (select payment from refund where id = ?2))) of_these \
             join invoice i on i.id = of_these.invoice ",
            payments_of_invoice!(),
            "where "
        ),
        where_it_differs!()
    );
    let values = values![payment.as_str(), charge.map(ObjectId::as_str)];
    let mut keep = guard.bind(Statement::new(keep, values));
    // Most payments have no invoice, and the lookup alone costs a tenth.
    if charge.is_none() {
        let has_one = "select 1 from link where payment = ?1 limit 1";
        keep.only_if = Some(Box::new(Statement::new(has_one, values![payment.as_str()])));
    }
    keep
}

/// Updates the kept columns of an invoice.
pub(super) fn invoice<'v>(invoice: &'v ObjectId, guard: Guard<'v>) -> Statement<'v> {
    let keep = guarded!(
        guard,
        concat!(
            insert_into_invoice!(),
            "invoice i ",
            payments_of_invoice!(),
            "where i.id = ?1 and "
        ),
        where_it_differs!()
    );
    guard.bind(Statement::new(keep, values![invoice.as_str()]))
}

/// Returns the ids of the payments and invoices whose kept columns differ from the derived ones,
/// and of those that lack a row.
pub(super) fn differing(limit: u32) -> Statement<'static> {
    let check = concat!(
        "select id from payment p where (",
        payment_columns!(),
        ") is not (select ",
        of_payment!(),
        ") union select payment from (select payment from link union select payment from refund \
             union select payment from dispute) as it \
         where not exists (select 1 from payment where id = it.payment) \
         union select id from (select i.id, (",
        invoice_columns!("i."),
        ") is not (",
        of_invoice!(),
        ") as differs from invoice i ",
        payments_of_invoice!(),
        "group by i.id) where differs \
         union select invoice from link \
         where not exists (select 1 from invoice where id = link.invoice) order by id limit ?1"
    );
    Statement::new(check, values![limit])
}

/// Updates the kept columns of all payments and invoices of these ids, the payments first. Other
/// ids are ignored.
pub(super) fn renewed(ids: &[ObjectId]) -> Vec<Statement<'_>> {
    let mut all = Vec::new();
    for id in ids {
        let rows = [
            "insert into payment (id) select ?1 where exists (select 1 from link where payment = ?1) \
                 or exists (select 1 from refund where payment = ?1) \
                 or exists (select 1 from dispute where payment = ?1) on conflict (id) do nothing",
            "insert into invoice (id) select ?1 from link where invoice = ?1 \
             limit 1 on conflict (id) do nothing",
        ];
        all.extend(rows.map(|sql| Statement::new(sql, values![id.as_str()])));
        all.push(payment(id, None, Guard::Always));
    }
    for id in ids {
        all.extend([invoice(id, Guard::Always), invoices_of(id, None, Guard::Always)]);
    }
    all
}
